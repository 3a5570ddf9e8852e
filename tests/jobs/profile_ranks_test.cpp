// SPDX-License-Identifier: Apache-2.0
// Words, samples and effects that are spread over ranks come to what one process would count.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"
#include "profile/samples.hpp"
#include "profile/sharded_words.hpp"
#include "profile/stage_effects.hpp"

namespace farpoint::jobs {
namespace {

constexpr std::size_t sources = 2;
constexpr std::size_t top_words = 20;

/// Draw i of `draws`: a source and a word, frequent ones among them.
std::pair<std::uint32_t, std::string> drawn(std::uint64_t i) {
  const auto bits = random_bits(3, 0, i);
  const auto range = (bits & 7U) == 0 ? std::uint64_t{1} << 40U : std::uint64_t{50};
  return {static_cast<std::uint32_t>(bits >> 63U), "word" + std::to_string((bits >> 8U) % range)};
}

std::vector<Vocabulary> counted_by_one(std::uint64_t draws) {
  WordCounts counts;
  for (std::uint64_t i = 0; i < draws; ++i) counts.add(drawn(i).first, drawn(i).second);
  return counts.vocabularies(sources, top_words);
}

void expect_equal(const std::vector<Vocabulary>& found, const std::vector<Vocabulary>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].words, expected[i].words);
    EXPECT_EQ(found[i].occurrences, expected[i].occurrences);
    ASSERT_EQ(found[i].top.size(), expected[i].top.size());
    for (std::size_t k = 0; k < found[i].top.size(); ++k) {
      EXPECT_EQ(found[i].top[k].word, expected[i].top[k].word);
      EXPECT_EQ(found[i].top[k].count, expected[i].top[k].count);
    }
  }
}

/// Rank r counts the draws i with i % size == r, in two tables, and looks after each `shard` whether they are full.
void check_words(std::uint64_t draws, std::uint64_t shard, bool rank_0_alone) {
  auto& comm = world();
  const auto rank = static_cast<std::uint64_t>(comm.rank());
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  ShardedWords words(comm, 2, 50'000);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < draws; ++i) {
      const bool is_mine = rank_0_alone ? rank == 0 : i % ranks == rank;
      if (!is_mine) continue;
      const auto [source, word] = drawn(i);
      words.of_thread(i % 2).add(source, word);
      if (i / ranks % shard == 0) words.exchange_if_full();
    }
    const auto found = words.finish(sources, top_words);
    if (comm.rank() == 0) {
      expect_equal(found, counted_by_one(draws));
    } else {
      EXPECT_TRUE(found.empty());
    }
  }
}

TEST(ShardedWords, AreCountedExactly) {
  check_words(20'000, 1000, false);
  check_words(0, 1, false);
}

TEST(ShardedWords, AreExchangedWheneverOneRankIsFull) {
  // An eighth are different, at about 40 bytes each: rank 0 is full again and again, the others never.
  check_words(100'000, 100, true);
}

TEST(RecordSample, IsTheSameOverAnyRanks) {
  auto& comm = world();
  const auto offer_all = [](RecordSample& sample, std::uint64_t first, std::uint64_t step) {
    for (std::uint64_t id = first; id < 5000; id += step) {
      sample.offer(id, [&] {
        SampledRecord record;
        record.before = std::to_string(id);
        return record;
      });
    }
  };
  RecordSample shared(30, 5);
  offer_all(shared, static_cast<std::uint64_t>(comm.rank()), static_cast<std::uint64_t>(comm.size()));
  const auto found = shared.finish(comm);
  RecordSample alone(30, 5);
  if (comm.rank() == 0) offer_all(alone, 0, 1);
  const auto expected = alone.finish(comm);
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_EQ(found.size(), comm.rank() == 0 ? 30U : 0U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].id, expected[i].id);
    EXPECT_EQ(found[i].before, expected[i].before);
  }
}

TEST(EffectCounts, AreSummedOverRanksAndSources) {
  auto& comm = world();
  const pipeline::TraceEntry removal{0, "too_short", ""};
  std::vector<EffectCounts> mine(sources);
  Fate fate;
  mine[0].add(fate, "filter");
  fate.removed = &removal;
  for (int i = 0; i <= comm.rank(); ++i) mine[1].add(fate, "filter");
  const auto all = sum_over_ranks(comm, mine);
  EXPECT_EQ(all.empty(), comm.rank() != 0);
  if (comm.rank() != 0) return;
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  ASSERT_EQ(all.size(), sources + 1);
  EXPECT_EQ(all[0].out, ranks);
  EXPECT_EQ(all[1].removed_by.at("too_short"), ranks * (ranks + 1) / 2);
  EXPECT_EQ(all[2].in, ranks + ranks * (ranks + 1) / 2);
}

}  // namespace
}  // namespace farpoint::jobs
