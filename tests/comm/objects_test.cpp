// SPDX-License-Identifier: Apache-2.0
#include "farpoint/comm/objects.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

struct Report {
  std::string name;
  std::map<std::string, std::vector<double>> columns;
  bool operator==(const Report&) const = default;

  template <typename Archive>
  void serialize(Archive& archive, unsigned /*version*/) {
    archive& name& columns;
  }
};

/// Rank 0's has no columns; the others' differ in size, and a name holds a zero byte.
Report report_of(int rank) {
  Report report{std::string("rank\0", 5) + std::to_string(rank), {}};
  for (int i = 0; i < rank; ++i) report.columns[fmt::format("c{}", i)].assign(static_cast<std::size_t>(i), 0.1);
  return report;
}

TEST(Objects, BroadcastReplacesWhatOtherRanksHad) {
  for (int root = 0; root < world().size(); ++root) {
    Report report = report_of(world().rank());

    broadcast_object(world(), report, root);

    EXPECT_EQ(report, report_of(root));
  }
}

TEST(Objects, GatherGivesTheRootOneARank) {
  const int root = world().size() - 1;

  const auto reports = gather_objects(world(), report_of(world().rank()), root);

  if (world().rank() != root) {
    EXPECT_TRUE(reports.empty());
    return;
  }
  ASSERT_EQ(reports.size(), static_cast<std::size_t>(world().size()));
  for (int rank = 0; rank < world().size(); ++rank) {
    EXPECT_EQ(reports[static_cast<std::size_t>(rank)], report_of(rank));
  }
}

RC_GTEST_PROP(Objects, AllGatherReturnsEveryRanksStrings, (const std::vector<std::string>& strings)) {
  // Rank r has the first r of them.
  const auto of_rank = [&](std::size_t rank) {
    return std::vector(strings.begin(), strings.begin() + static_cast<std::ptrdiff_t>(std::min(rank, strings.size())));
  };

  const auto all = all_gather_objects(world(), of_rank(static_cast<std::size_t>(world().rank())));

  int right = all.size() == static_cast<std::size_t>(world().size());
  for (std::size_t rank = 0; rank < all.size(); ++rank) right &= all[rank] == of_rank(rank);
  RC_ASSERT(all_reduce(world(), right, Reduction::min) == 1);
}

}  // namespace
}  // namespace farpoint::comm
