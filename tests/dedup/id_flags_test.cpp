// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/id_flags.hpp"

#include <gtest/gtest.h>

#include <set>

#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::dedup {
namespace {

TEST(IdFlags, AreSetByAnyRankForAnyRank) {
  auto& comm = world();
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  const auto mine = static_cast<std::uint64_t>(comm.rank());
  for (const std::uint64_t ids : {1, 2, 3, 7, 100, 1001}) {
    IdFlags flags(comm, ids);
    std::set<std::uint64_t> expected;
    std::vector<std::uint64_t> to_set;
    for (std::uint64_t draw = 0; draw < ids / 2; ++draw) {
      const auto id = random_bits(ids, 1, draw) % ids;
      expected.insert(id);
      // Each by some rank, some by two of them, and one rank by none.
      if (draw % ranks == mine || (draw + 1) % ranks == mine) to_set.push_back(id);
    }
    flags.set(to_set);
    std::vector<std::uint64_t> asked;
    for (std::uint64_t i = 0; i < ids + 5; ++i) asked.push_back((i * 7 + mine) % ids);
    const auto found = flags.get(asked);
    ASSERT_EQ(found.size(), asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_EQ(found[i] != 0, expected.contains(asked[i])) << asked[i];
  }
}

TEST(IdFlags, AreUnsetAtFirstAndForNoRecords) {
  auto& comm = world();
  IdFlags flags(comm, 10);
  EXPECT_EQ(flags.get(std::vector<std::uint64_t>{9, 0}), (std::vector<std::uint8_t>{0, 0}));
  IdFlags none(comm, 0);
  EXPECT_TRUE(none.get({}).empty());
}

}  // namespace
}  // namespace farpoint::dedup
