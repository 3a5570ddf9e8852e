// SPDX-License-Identifier: Apache-2.0
#include "farpoint/comm/collectives.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <limits>

#include "comm/sample.hpp"
#include "farpoint/base/error.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

using testing::ElementsAre;

static_assert(Plain<double> && Plain<std::array<int, 3>>);
static_assert(!Plain<int*> && !Plain<std::span<int>> && !Plain<std::vector<int>>);

TEST(Broadcast, EveryRootReachesEveryRank) {
  for (int root = 0; root < world().size(); ++root) {
    auto values = world().rank() == root ? values_of(root, 100) : std::vector<std::uint64_t>(100);

    broadcast(world(), std::span(values), root);

    EXPECT_EQ(values, values_of(root, 100));
  }
}

TEST(Broadcast, OfNothingReturns) {
  broadcast(world(), std::span<int>());
}

TEST(Broadcast, FromARankThatDoesNotExistIsAnError) {
  if (world().size() == 1) GTEST_SKIP() << "one rank alone may not call MPI at all";
  int value = 0;

  EXPECT_THROW(broadcast(world(), std::span(&value, 1), world().size()), Error);
}

template <typename T>
void expect_reductions(Communicator& comm) {
  const int number = comm.rank() + 1;
  const T mine = static_cast<T>(number);
  const T ranks = static_cast<T>(comm.size());

  EXPECT_EQ(all_reduce(comm, mine, Reduction::sum), static_cast<T>(ranks * (ranks + 1) / 2));
  EXPECT_EQ(all_reduce(comm, mine, Reduction::min), T{1});
  EXPECT_EQ(all_reduce(comm, mine, Reduction::max), ranks);
}

TEST(AllReduce, SumsAndBoundsEveryType) {
  expect_reductions<std::int32_t>(world());
  expect_reductions<std::int64_t>(world());
  expect_reductions<std::uint8_t>(world());
  expect_reductions<std::uint32_t>(world());
  expect_reductions<std::uint64_t>(world());
  expect_reductions<float>(world());
  expect_reductions<double>(world());
}

TEST(AllReduce, KeepsSignAndAllBits) {
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const auto highest = std::numeric_limits<std::uint64_t>::max();

  EXPECT_EQ(all_reduce(world(), world().rank() == 0 ? lowest : std::int64_t{0}, Reduction::min), lowest);
  EXPECT_EQ(all_reduce(world(), world().rank() == 0 ? highest : std::uint64_t{0}, Reduction::max), highest);
}

TEST(AllReduce, WorksElementwise) {
  std::vector<std::int64_t> values{world().rank(), -world().rank(), 7};

  all_reduce(world(), std::span(values), Reduction::max);

  EXPECT_THAT(values, ElementsAre(world().size() - 1, 0, 7));
}

TEST(AllReduce, OfNothingReturns) {
  all_reduce(world(), std::span<double>(), Reduction::sum);
}

TEST(AllGather, OneValueARankInOrderOfRank) {
  struct Pair {
    int rank;
    double half;
  };

  const auto all = all_gather(world(), Pair{world().rank(), world().rank() / 2.0});

  ASSERT_EQ(all.size(), static_cast<std::size_t>(world().size()));
  for (int rank = 0; rank < world().size(); ++rank) {
    EXPECT_EQ(all[static_cast<std::size_t>(rank)].rank, rank);
    EXPECT_EQ(all[static_cast<std::size_t>(rank)].half, rank / 2.0);
  }
}

void expect_all_parts(const Gathered<std::uint64_t>& gathered) {
  for (int rank = 0; rank < world().size(); ++rank) {
    const auto part = gathered.of(rank);
    EXPECT_EQ(std::vector(part.begin(), part.end()), values_of(rank, uneven_count(rank))) << "of rank " << rank;
  }
}

TEST(AllGather, UnevenAndEmptyRanks) {
  const auto mine = values_of(world().rank(), uneven_count(world().rank()));

  expect_all_parts(all_gather(world(), std::span<const std::uint64_t>(mine)));
}

TEST(AllGather, OfNothingGivesEmptyParts) {
  const auto gathered = all_gather(world(), std::span<const int>());

  EXPECT_TRUE(gathered.data.empty());
  EXPECT_TRUE(gathered.of(world().size() - 1).empty());
}

TEST(Gather, OnlyTheRootGetsUnevenParts) {
  const auto mine = values_of(world().rank(), uneven_count(world().rank()));
  for (int root = 0; root < world().size(); ++root) {
    const auto gathered = gather(world(), std::span<const std::uint64_t>(mine), root);

    if (world().rank() == root) {
      expect_all_parts(gathered);
    } else {
      EXPECT_TRUE(gathered.data.empty());
    }
  }
}

/// What `sender` has for `receiver`.
std::vector<std::uint64_t> parcel(int sender, int receiver, const std::vector<std::uint8_t>& counts) {
  const int cell = sender * world().size() + receiver;
  return values_of(cell, counts[static_cast<std::size_t>(cell) % counts.size()]);
}

RC_GTEST_PROP(AllToAll, EveryParcelArrives, ()) {
  const auto cell_counts = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint8_t>>());
  std::vector<std::uint64_t> values, counts;
  for (int receiver = 0; receiver < world().size(); ++receiver) {
    const auto outgoing = parcel(world().rank(), receiver, cell_counts);
    values.insert(values.end(), outgoing.begin(), outgoing.end());
    counts.push_back(outgoing.size());
  }

  const auto incoming = all_to_all(world(), std::span<const std::uint64_t>(values), counts);

  int right = 1;
  for (int sender = 0; sender < world().size(); ++sender) {
    if (!std::ranges::equal(incoming.of(sender), parcel(sender, world().rank(), cell_counts))) right = 0;
  }
  // All ranks come to the same verdict, since after a failure rapidcheck goes on with smaller cases.
  RC_ASSERT(all_reduce(world(), right, Reduction::min) == 1);
}

TEST(CollectiveCalls, AreCountedAsTheHeadersPromise) {
  const auto comm = world().split(0, world().rank());
  const auto calls_of = [&](const auto& action) {
    const auto before = comm->collective_calls();
    action();
    return comm->collective_calls() - before;
  };
  const std::vector<int> values(5);
  const std::vector<std::uint64_t> no_counts(static_cast<std::size_t>(comm->size()));

  EXPECT_EQ(calls_of([&] { comm->barrier(); }), 1u);
  EXPECT_EQ(calls_of([&] { all_reduce(*comm, 1, Reduction::sum); }), 1u);
  EXPECT_EQ(calls_of([&] { all_gather(*comm, 1); }), 1u);
  EXPECT_EQ(calls_of([&] { all_gather(*comm, std::span(values)); }), 2u);
  EXPECT_EQ(calls_of([&] { gather(*comm, std::span(values)); }), 2u);
  EXPECT_EQ(calls_of([&] { all_to_all(*comm, std::span<const int>(), no_counts); }), 2u);
  EXPECT_EQ(calls_of([&] { broadcast(*comm, std::span<int>()); }), 1u);
  EXPECT_EQ(calls_of([&] { comm->split(0, 0); }), 1u);
  EXPECT_EQ(calls_of([&] { comm->split_by_node(); }), 1u);
  EXPECT_EQ(calls_of([&] { comm->make_counter(); }), 1u);
}

}  // namespace
}  // namespace farpoint::comm
