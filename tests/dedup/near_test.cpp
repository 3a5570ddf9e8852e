// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/near.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include "dealt.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/dedup/minhash.hpp"
#include "farpoint/dedup/shingles.hpp"
#include "near_corpora.hpp"
#include "temporary_folder.hpp"

namespace farpoint::dedup {
namespace {

using Ids = std::vector<std::uint64_t>;

/// What comparing all pairs finds.
struct AllPairs {
  AllPairs(const Corpus& corpus, const NearOptions& options) {
    const MinHash minhash(banding_for(options.threshold, options.permutations));
    std::vector<Ids> sets, bands;
    for (const Record& record : corpus) {
      Ids set, hashes(minhash.banding().bands);
      Shingler(options.shingle).shingle(record.text, set);
      if (!set.empty()) minhash.bands(set, hashes);
      sets.push_back(set);
      bands.push_back(hashes);
    }
    for (std::size_t b = 0; b < corpus.size(); ++b) {
      for (std::size_t a = 0; a < b; ++a) {
        const double similarity = jaccard(sets[a], sets[b]);
        if (similarity < options.threshold) continue;
        bool share = false;
        for (std::size_t band = 0; band < bands[a].size(); ++band) share = share || bands[a][band] == bands[b][band];
        near.push_back({corpus[a].id, corpus[b].id, similarity, share});
      }
    }
  }

  struct Pair {
    std::uint64_t a, b;
    double similarity;
    bool is_candidate;
  };
  std::vector<Pair> near;
};

struct Expected {
  Ids labels;
  Ids hits;
};

/// The components of the pairs that are near, in a band, and active.
Expected expected_of(const Corpus& corpus, const AllPairs& pairs, const std::set<std::uint64_t>& inactive) {
  Expected expected;
  std::set<std::uint64_t> out = inactive;
  for (const auto& pair : pairs.near) {
    if (!pair.is_candidate || inactive.contains(pair.a) || inactive.contains(pair.b)) continue;
    if (((pair.a ^ pair.b) & curated_bit) == 0) continue;
    out.insert(std::min(pair.a, pair.b));
  }
  for (const std::uint64_t id : out) {
    if (!inactive.contains(id) && (id & curated_bit) == 0) expected.hits.push_back(id);
  }
  expected.labels.resize(id_end(corpus));
  std::iota(expected.labels.begin(), expected.labels.end(), std::uint64_t{0});
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& pair : pairs.near) {
      if (!pair.is_candidate || out.contains(pair.a) || out.contains(pair.b) || (pair.b & curated_bit) != 0) continue;
      if ((pair.a & curated_bit) != 0) continue;
      auto& a = expected.labels[pair.a];
      auto& b = expected.labels[pair.b];
      changed = changed || a != b;
      a = b = std::min(a, b);
    }
  }
  return expected;
}

class MyTexts final : public TextSource {
 public:
  explicit MyTexts(const Corpus& mine) {
    for (const Record& record : mine) texts_[record.id] = record.text;
  }
  void visit(std::span<const std::uint64_t> ids, const Visit& visit) override {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_TRUE(asked_.insert(ids[i]).second) << "asked twice for " << ids[i];
      const std::string copy = texts_.at(ids[i]);  // gone after the call
      visit(i, copy);
    }
  }

 private:
  std::map<std::uint64_t, std::string> texts_;
  std::set<std::uint64_t> asked_;
};

struct Found {
  NearResult numbers;
  Ids labels;
  Ids hits;
};

Found find(comm::Communicator& comm, const Corpus& corpus, const Corpus& mine, const NearOptions& options,
           const std::set<std::uint64_t>& inactive, std::size_t adds) {
  const TemporaryFolder folder;
  NearDuplicates near(comm, options, folder / "scratch");
  std::vector<std::uint8_t> active;
  for (std::size_t part = 0; part < adds; ++part) {
    Ids ids;
    std::vector<std::string_view> texts;
    for (std::size_t i = mine.size() * part / adds; i < mine.size() * (part + 1) / adds; ++i) {
      ids.push_back(mine[i].id);
      texts.push_back(mine[i].text);
      active.push_back(inactive.contains(mine[i].id) ? 0 : 1);
    }
    near.add(ids, texts);
  }
  MyTexts source(mine);
  Components components(comm, id_end(corpus), 0);
  Found found;
  found.numbers = near.find(source, components, active);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "scratch"));
  Ids all(id_end(corpus));
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  found.labels = components.labels(all);
  for (const std::uint64_t hit : found.numbers.curated_hits) {
    EXPECT_TRUE(std::any_of(mine.begin(), mine.end(), [&](const Record& record) { return record.id == hit; }));
  }
  found.hits = comm::all_gather(comm, std::span<const std::uint64_t>(found.numbers.curated_hits)).data;
  std::sort(found.hits.begin(), found.hits.end());
  return found;
}

void expect_same(const Found& found, const Found& alone) {
  EXPECT_EQ(found.labels, alone.labels);
  EXPECT_EQ(found.hits, alone.hits);
  EXPECT_EQ(found.numbers.candidates, alone.numbers.candidates);
  EXPECT_EQ(found.numbers.compared, alone.numbers.compared);
  EXPECT_EQ(found.numbers.joined, alone.numbers.joined);
  EXPECT_EQ(found.numbers.capped, alone.numbers.capped);
}

/// On all deals over ranks, with batches that hold everything, and next to nothing; all as one process finds it.
Found expect_one_result(const Corpus& corpus, NearOptions options, const std::set<std::uint64_t>& inactive = {}) {
  const auto comm = comm::make_local();
  const Found alone = find(*comm, corpus, corpus, options, inactive, 1);
  std::size_t adds = 1;
  for (const std::size_t batch_bytes : {std::size_t{1} << 28, std::size_t{20'000}, std::size_t{1000}}) {
    options.batch_bytes = batch_bytes;
    for (const Deal deal : all_deals()) {
      set_threads(1 + static_cast<int>(adds % 3));
      Corpus shuffled = dealt_to_me(corpus, deal);
      if (adds % 2 == 0) std::reverse(shuffled.begin(), shuffled.end());
      expect_same(find(world(), corpus, shuffled, options, inactive, adds), alone);
      adds = adds % 4 + 1;
    }
  }
  return alone;
}

Found expect_as_all_pairs(const Corpus& corpus, const NearOptions& options,
                          const std::set<std::uint64_t>& inactive = {}) {
  const Found found = expect_one_result(corpus, options, inactive);
  const Expected expected = expected_of(corpus, AllPairs(corpus, options), inactive);
  EXPECT_EQ(found.labels, expected.labels);
  EXPECT_EQ(found.hits, expected.hits);
  EXPECT_EQ(found.numbers.capped, 0U);
  return found;
}

TEST(NearDuplicates, AreThoseOfAllPairs) {
  for (std::uint64_t trial = 0; trial < 3; ++trial) {
    const Corpus corpus = planted_corpus(trial, 40);
    const Found found = expect_as_all_pairs(corpus, {});
    EXPECT_GT(found.numbers.joined, 10U);
    EXPECT_LT(found.numbers.compared, 10 * corpus.size());
  }
  for (const double threshold : {0.5, 0.65, 0.95, 1.0}) {
    expect_as_all_pairs(planted_corpus(9, 15), {.threshold = threshold, .shingle = 3});
  }
}

TEST(NearDuplicates, AreFoundWithHighProbability) {
  std::uint64_t there = 0;
  std::uint64_t found_count = 0;
  for (std::uint64_t trial = 10; trial < 15; ++trial) {
    const Corpus corpus = planted_corpus(trial, 100);
    const AllPairs pairs(corpus, {});
    const Found found = find(world(), corpus, dealt_to_me(corpus, Deal::at_random), {}, {}, 2);
    for (const auto& pair : pairs.near) {
      if (pair.similarity < 0.85) continue;
      ++there;
      found_count += found.labels[pair.a] == found.labels[pair.b] ? 1 : 0;
    }
  }
  EXPECT_GT(there, 500U);
  EXPECT_GE(static_cast<double>(found_count), 0.97 * static_cast<double>(there));
}

TEST(NearDuplicates, OfCuratedRecordsAreHitsAndJoinNothing) {
  for (std::uint64_t trial = 0; trial < 2; ++trial) {
    Corpus corpus = planted_corpus(20 + trial, 25);
    for (std::size_t i = 0; i < corpus.size(); ++i) {
      if (random_bits(6, trial, i) % 7 == 0) corpus[i].id |= curated_bit;
    }
    EXPECT_FALSE(expect_as_all_pairs(corpus, {}).hits.empty());
  }
}

TEST(NearDuplicates, LeaveInactiveRecordsOut) {
  const Corpus corpus = planted_corpus(30, 20);
  std::set<std::uint64_t> inactive;
  for (std::size_t i = 0; i < corpus.size(); i += 3) inactive.insert(corpus[i].id);
  expect_as_all_pairs(corpus, {}, inactive);
}

TEST(NearDuplicates, OfFewRecords) {
  const std::string text = words(1, 60);
  EXPECT_EQ(expect_as_all_pairs({}, {}).numbers.candidates, 0U);
  EXPECT_EQ(expect_as_all_pairs({{5, text}}, {}).numbers.candidates, 0U);
  EXPECT_EQ(expect_as_all_pairs({{0, ""}, {1, " \n"}, {2, ""}}, {}).numbers.candidates, 0U);
  EXPECT_EQ(expect_as_all_pairs({{0, "a"}, {1, "b"}, {2, "A"}}, {}).numbers.joined, 1U);
  EXPECT_EQ(expect_as_all_pairs({{3, text}, {curated_bit | 3, text}}, {}).hits, Ids{3});
  EXPECT_EQ(expect_as_all_pairs({{curated_bit, text}, {curated_bit | 1, text}}, {}).numbers.candidates, 0U);
  EXPECT_EQ(expect_as_all_pairs({{0, text}, {4, words(1, 120)}}, {}).numbers.joined, 0U);
}

TEST(NearDuplicates, OfCopiesTakeOneComparisonEach) {
  Corpus corpus;
  for (std::uint64_t i = 0; i < 60; ++i) corpus.push_back({2 * i, words(3, 200)});
  const Found found = expect_as_all_pairs(corpus, {});
  EXPECT_EQ(found.numbers.compared, 59U);
  EXPECT_EQ(found.numbers.joined, 59U);
  EXPECT_EQ(found.labels[118], 0U);
}

TEST(NearDuplicates, OfChainsAreOneComponent) {
  // Each text has some words more at its end and some less at its begin than the one before.
  Corpus corpus;
  for (std::uint64_t i = 0; i < 40; ++i) corpus.push_back({i, words_from(7, 10 * i, 300)});
  const Found found = expect_as_all_pairs(corpus, {});
  EXPECT_EQ(found.labels[39], 0U);
}

TEST(NearDuplicates, OfHugeBucketsAreComparedUpToTheLimit) {
  // All share the same words at the begin, which makes buckets of many; only a few are near another one.
  Corpus corpus;
  for (std::uint64_t i = 0; i < 48; ++i) corpus.push_back({i, words(3, 40) + words(100 + i % 40, 25)});
  NearOptions options{.threshold = 0.5};
  const Found all = expect_as_all_pairs(corpus, options);
  EXPECT_EQ(all.numbers.joined, 8U);
  options.max_comparisons = 2;
  const Found limited = expect_one_result(corpus, options);
  EXPECT_LT(limited.numbers.compared, all.numbers.compared);
  EXPECT_GT(limited.numbers.capped, 0U);
}

TEST(NearDuplicates, SurviveBlocksOfTheirFiles) {
  // More records than a block of hashes on disk has, short ones, with a few copies.
  Corpus corpus;
  for (std::uint64_t i = 0; i < 70'000; ++i) corpus.push_back({i, "text " + std::to_string(i % 69'990)});
  const Found found = find(world(), corpus, dealt_to_me(corpus, Deal::last_rank_only), {}, {}, 3);
  EXPECT_EQ(found.numbers.joined, 10U);
  EXPECT_EQ(found.labels[69'995], 5U);
}

TEST(NearDuplicates, RefuseWhatMakesNoSense) {
  const auto comm = comm::make_local();
  const TemporaryFolder folder;
  EXPECT_THROW(NearDuplicates(*comm, {.threshold = 0}, folder.path()), UsageError);
  EXPECT_THROW(NearDuplicates(*comm, {.shingle = 0}, folder.path()), UsageError);
  EXPECT_THROW(NearDuplicates(*comm, {.max_comparisons = 0}, folder.path()), UsageError);
  EXPECT_THROW(NearDuplicates(*comm, {.batch_bytes = 0}, folder.path()), UsageError);
  std::ofstream(folder / "file") << "no folder";
  EXPECT_THROW(NearDuplicates(*comm, {}, folder / "file"), Error);
  NearDuplicates near(*comm, {}, folder.path());
  MyTexts texts({});
  Components components(*comm, 1);
  EXPECT_THROW(near.find(texts, components, std::vector<std::uint8_t>{1}), Error);
}

}  // namespace
}  // namespace farpoint::dedup
