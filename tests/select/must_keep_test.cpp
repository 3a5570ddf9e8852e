// SPDX-License-Identifier: Apache-2.0
#include "select/must_keep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

/// Ids 0 to 99, dealt out to the ranks; label id % 3, id tokens.
struct Part {
  std::vector<std::uint64_t> ids, tokens;
  std::vector<std::uint32_t> labels;
  Charges charges() const { return {labels, tokens}; }
};

Part part_of(const comm::Communicator& comm) {
  Part part;
  for (auto id = static_cast<std::uint64_t>(comm.rank()); id < 100; id += static_cast<std::uint64_t>(comm.size())) {
    part.ids.push_back(id);
    part.labels.push_back(static_cast<std::uint32_t>(id % 3));
    part.tokens.push_back(id);
  }
  return part;
}

TEST(MustKeep, IsEnteredOnEveryRank) {
  auto& comm = world();
  const Part part = part_of(comm);
  Ledger ledger({.records = 2, .labels = std::vector<Limits::OfLabel>(3)});

  take_must_keep(comm, part.ids, part.charges(), std::vector<std::uint64_t>{98, 4, 2}, ledger);

  EXPECT_EQ(ledger.records(), 3);
  EXPECT_EQ(ledger.tokens(), 104);
  EXPECT_EQ(ledger.records_of(2), 2);
  EXPECT_EQ(ledger.records_of(1), 1);
  EXPECT_TRUE(ledger.is_full());
}

TEST(MustKeep, NamesRecordsThatAreNotThere) {
  auto& comm = world();
  const Part part = part_of(comm);
  Ledger ledger({});

  try {
    take_must_keep(comm, part.ids, part.charges(), std::vector<std::uint64_t>{5, 100, 700}, ledger);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("100, 700"));
  }
}

TEST(MustKeep, RefusesARecordTwice) {
  auto& comm = world();
  const Part part = part_of(comm);
  Ledger ledger({});

  EXPECT_THROW(take_must_keep(comm, part.ids, part.charges(), std::vector<std::uint64_t>{5, 6, 5}, ledger), Error);
}

TEST(MustKeep, OfNothingCostsNothing) {
  auto& comm = world();
  const auto calls = comm.collective_calls();
  Ledger ledger({});

  take_must_keep(comm, {}, {}, {}, ledger);

  EXPECT_EQ(comm.collective_calls(), calls);
}

}  // namespace
}  // namespace farpoint::select
