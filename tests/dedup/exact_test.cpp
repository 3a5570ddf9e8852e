// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/exact.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "dealt.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::dedup {
namespace {

using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct Expected {
  Pairs edges;
  std::vector<std::uint64_t> hits;
};

Expected reference(const std::vector<HashedRecord>& records) {
  std::map<Hash128, std::vector<std::uint64_t>> groups;
  for (const HashedRecord& record : records) groups[record.hash].push_back(record.id);
  Expected expected;
  for (auto& [hash, ids] : groups) {
    std::sort(ids.begin(), ids.end());
    const bool has_curated = (ids.back() & curated_bit) != 0;
    for (const std::uint64_t id : ids) {
      if ((id & curated_bit) != 0) continue;
      if (has_curated) expected.hits.push_back(id);
      if (!has_curated && id != ids.front()) expected.edges.emplace_back(ids.front(), id);
    }
  }
  std::sort(expected.edges.begin(), expected.edges.end());
  std::sort(expected.hits.begin(), expected.hits.end());
  return expected;
}

void expect_as_the_reference(const std::vector<HashedRecord>& records) {
  const Expected expected = reference(records);
  for (const Deal deal : all_deals()) {
    const auto mine = dealt_to_me(records, deal);
    const Matches matches = exact_matches(world(), mine);
    Pairs edges;
    for (const Edge& edge : comm::all_gather(world(), std::span<const Edge>(matches.edges)).data) {
      edges.emplace_back(edge.a, edge.b);
    }
    std::sort(edges.begin(), edges.end());
    auto hits = comm::all_gather(world(), std::span<const std::uint64_t>(matches.curated_hits)).data;
    std::sort(hits.begin(), hits.end());
    EXPECT_EQ(edges, expected.edges);
    EXPECT_EQ(hits, expected.hits);
  }
}

/// Each of `texts` texts several times, ids with gaps, every tenth record curated.
std::vector<HashedRecord> random_records(std::uint64_t trial, std::uint64_t count, std::uint64_t texts) {
  std::vector<HashedRecord> records;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string text = std::to_string(random_bits(1, trial, i) % texts);
    const bool curated = random_bits(2, trial, i) % 10 == 0;
    records.push_back({hash128(text), 3 * i + (curated ? curated_bit : 0)});
  }
  return records;
}

TEST(ExactMatches, AreThoseOfTheReference) {
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    expect_as_the_reference(
        random_records(trial, 1 + random_bits(3, trial, 0) % 200, 1 + random_bits(3, trial, 1) % 150));
  }
}

TEST(ExactMatches, AreFoundInEdgeCases) {
  expect_as_the_reference({});
  expect_as_the_reference({{hash128("a"), 5}});
  expect_as_the_reference(random_records(7, 1000, 1));
  expect_as_the_reference({{hash128("a"), curated_bit}, {hash128("a"), curated_bit | 1}, {hash128("b"), 0}});
  std::vector<HashedRecord> copies;
  for (std::uint64_t id = 0; id < 500; ++id) copies.push_back({hash128("all the same"), id});
  expect_as_the_reference(copies);
}

TEST(ExactMatches, NeedBothHalvesOfTheHash) {
  expect_as_the_reference({{{1, 2}, 0}, {{1, 3}, 1}, {{2, 2}, 2}, {{1, 2}, 3}});
}

}  // namespace
}  // namespace farpoint::dedup
