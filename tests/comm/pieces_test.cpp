// SPDX-License-Identifier: Apache-2.0
// Calls sent in tiny pieces against the same calls sent whole.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "comm/mpi_world.hpp"
#include "comm/sample.hpp"
#include "farpoint/comm/collectives.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

class Pieces : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::unique_ptr<Communicator> in_pieces_ = duplicate_world(GetParam());
  std::vector<std::uint64_t> mine_ = values_of(world().rank(), uneven_count(world().rank()));
  std::span<const std::uint64_t> values_{mine_};
};

TEST_P(Pieces, BroadcastIsTheSame) {
  for (int root = 0; root < world().size(); ++root) {
    auto values = world().rank() == root ? values_of(root, 9) : std::vector<std::uint64_t>(9);

    broadcast(*in_pieces_, std::span(values), root);

    EXPECT_EQ(values, values_of(root, 9));
  }
}

TEST_P(Pieces, ReductionIsTheSameBecausePiecesHoldWholeElements) {
  auto whole = values_of(world().rank(), 11);
  auto pieces = whole;

  all_reduce(world(), std::span(whole), Reduction::sum);
  all_reduce(*in_pieces_, std::span(pieces), Reduction::sum);

  EXPECT_EQ(pieces, whole);
}

TEST_P(Pieces, AllGatherIsTheSame) {
  const auto whole = all_gather(world(), values_);
  const auto pieces = all_gather(*in_pieces_, values_);

  EXPECT_EQ(pieces.data, whole.data);
  EXPECT_EQ(pieces.offsets, whole.offsets);
}

TEST_P(Pieces, GatherIsTheSame) {
  for (int root = 0; root < world().size(); ++root) {
    const auto whole = all_gather(world(), values_);
    const auto pieces = gather(*in_pieces_, values_, root);

    EXPECT_EQ(pieces.data, world().rank() == root ? whole.data : std::vector<std::uint64_t>());
  }
}

TEST_P(Pieces, AllToAllIsTheSame) {
  std::vector<std::uint64_t> counts;
  for (int rank = 0; rank < world().size(); ++rank) counts.push_back(uneven_count(rank + world().rank()));
  const auto values = values_of(world().rank(), std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));

  const auto whole = all_to_all(world(), std::span(values), counts);
  const auto pieces = all_to_all(*in_pieces_, std::span(values), counts);

  EXPECT_EQ(pieces.data, whole.data);
  EXPECT_EQ(pieces.offsets, whole.offsets);
}

TEST_P(Pieces, MessagesArriveWholeAlsoInAGroup) {
  const auto group = in_pieces_->split(0, 0);
  const int last = group->size() - 1;
  if (last == 0) return;
  if (group->rank() == last) send(*group, std::span<const std::uint64_t>(values_of(last, 9)), 0);
  if (group->rank() != 0) return;
  std::vector<std::uint64_t> received(9);

  receive(*group, std::span(received), last);

  EXPECT_EQ(received, values_of(last, 9));
}

TEST_P(Pieces, CountAsOneCollectiveCall) {
  std::vector<std::uint64_t> values(9);

  broadcast(*in_pieces_, std::span(values));
  all_reduce(*in_pieces_, std::span(values), Reduction::max);

  EXPECT_EQ(in_pieces_->collective_calls(), 2u);
}

// Smaller than an element, not a multiple of one, one element, all but the total, more than everything.
INSTANTIATE_TEST_SUITE_P(Limits, Pieces, testing::Values(1, 7, 8, 20, 71, 1'000'000));

RC_GTEST_PROP(PiecesProperty, AllGatherOfAnyBytesIsTheSame, (const std::vector<std::uint8_t>& bytes)) {
  const auto limit = *rc::gen::inRange<std::uint64_t>(1, 40);
  const auto comm = duplicate_world(limit);
  const auto mine = std::span(bytes).first(bytes.size() / static_cast<std::size_t>(world().rank() + 1));

  const auto whole = all_gather(world(), mine);
  const auto pieces = all_gather(*comm, mine);

  const int same = whole.data == pieces.data && whole.offsets == pieces.offsets;
  // All ranks come to the same verdict, since after a failure rapidcheck goes on with smaller cases.
  RC_ASSERT(all_reduce(world(), same, Reduction::min) == 1);
}

}  // namespace
}  // namespace farpoint::comm
