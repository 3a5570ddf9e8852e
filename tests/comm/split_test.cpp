// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/local.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

TEST(Split, RanksOfOneColourWorkTogether) {
  const auto group = world().split(world().rank() % 2, 0);

  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->rank(), world().rank() / 2);
  const auto members = all_gather(*group, world().rank());
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_EQ(members[i], world().rank() % 2 + 2 * static_cast<int>(i));
  }
}

TEST(Split, TheKeyOrdersTheRanks) {
  const auto reversed = world().split(0, -world().rank());

  ASSERT_NE(reversed, nullptr);
  EXPECT_EQ(reversed->rank(), world().size() - 1 - world().rank());
}

TEST(Split, ANegativeColourJoinsNone) {
  const auto group = world().split(world().rank() == 0 ? -1 : 5, 0);

  if (world().rank() == 0) {
    EXPECT_EQ(group, nullptr);
  } else {
    ASSERT_NE(group, nullptr);
    EXPECT_EQ(group->size(), world().size() - 1);
  }
}

TEST(Split, TheTestsShareOneNode) {
  const auto node = world().split_by_node();

  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->size(), world().size());
  EXPECT_EQ(node->rank(), world().rank());
}

/// What a program sees of a communicator of one rank.
std::vector<std::vector<double>> observations(Communicator& comm) {
  const std::vector<double> values{1.5, -2, 3};
  auto reduced = values;
  all_reduce(comm, std::span(reduced), Reduction::sum);
  auto sent = values;
  broadcast(comm, std::span(sent));
  const std::vector<std::uint64_t> counts{values.size()};
  const auto counter = comm.make_counter();
  counter->add(4);
  counter->add(3);
  const auto same_node = comm.split_by_node();
  comm.barrier();
  return {reduced,
          sent,
          all_gather(comm, 2.5),
          all_gather(comm, std::span(values)).data,
          gather(comm, std::span(values)).data,
          all_to_all(comm, std::span(values), counts).data,
          {static_cast<double>(counter->read()), static_cast<double>(same_node->size())},
          {comm.split(-2, 0) == nullptr ? 1.0 : 0.0, comm.split(1, 0) == nullptr ? 1.0 : 0.0},
          {static_cast<double>(comm.collective_calls())}};
}

TEST(Split, AGroupOfOneBehavesAsTheLocalCommunicator) {
  const auto alone = world().split(world().rank(), 0);
  const auto local = make_local();

  EXPECT_EQ(observations(*alone), observations(*local));
}

}  // namespace
}  // namespace farpoint::comm
