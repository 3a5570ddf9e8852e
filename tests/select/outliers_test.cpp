// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/outliers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

struct Row {
  std::uint64_t id = 0;
  double value = 0;
};

/// Ids of the first floor(f n) by value, then by id, both descending.
std::vector<std::uint64_t> reference(std::vector<Row> rows, std::size_t count) {
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.value > b.value || (a.value == b.value && a.id > b.id); });
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(rows[i].id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::uint64_t> flagged(comm::Communicator& comm, const std::vector<Row>& rows, double fraction) {
  std::vector<std::uint64_t> ids;
  std::vector<double> values;
  for (const Row& row : rows) {
    ids.push_back(row.id);
    values.push_back(row.value);
  }
  const auto flags = farthest_fraction(comm, ids, values, fraction);
  std::vector<std::uint64_t> of_rank;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i]) of_rank.push_back(ids[i]);
  }
  return of_rank;
}

std::vector<Row> hard_rows() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> few{0, -0.0, 1e-300, -1e-9, 0.25, 0.25, 0.5, infinity, 1, 3e200};
  std::vector<Row> rows;
  for (std::uint64_t i = 0; i < 200; ++i)
    rows.push_back({random_bits(1, 1, i), few[random_bits(1, 2, i) % few.size()]});
  return rows;
}

TEST(Outliers, AreTheFarthest) {
  auto& comm = world();
  const auto rows = hard_rows();
  for (const std::uint64_t split : {0, 1, 2}) {
    std::vector<Row> mine;
    for (const Row& row : rows) {
      // Sometimes the first rank has twice as many.
      const auto part = static_cast<int>(random_bits(split, 0, row.id) % (comm.size() + split % 2));
      if (part % comm.size() == comm.rank()) mine.push_back(row);
    }
    for (const std::size_t percent : {0, 1, 10, 29, 50, 57, 99, 100}) {
      const auto expected = reference(rows, 2 * percent);
      std::vector<std::uint64_t> expected_here;
      for (const std::uint64_t id : expected) {
        if (std::any_of(mine.begin(), mine.end(), [&](const Row& row) { return row.id == id; })) {
          expected_here.push_back(id);
        }
      }
      EXPECT_THAT(flagged(comm, mine, static_cast<double>(percent) / 100),
                  testing::UnorderedElementsAreArray(expected_here));
    }
  }
}

TEST(Outliers, AreRoundedDown) {
  const std::vector<Row> rows{{1, 5}, {2, 5}, {3, 5}};
  const auto local = comm::make_local();
  EXPECT_THAT(flagged(*local, rows, 0.33), testing::IsEmpty());
  EXPECT_THAT(flagged(*local, rows, 0.34), testing::ElementsAre(3));
  EXPECT_THAT(flagged(*local, rows, 0.99), testing::ElementsAre(2, 3));
  EXPECT_THAT(flagged(*local, {}, 0.5), testing::IsEmpty());
}

TEST(Outliers, RefuseWhatIsNoFractionAndNoNumber) {
  auto& comm = world();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Row> bad{{1, comm.rank() == 0 ? nan : 1}};
  EXPECT_THROW(flagged(comm, bad, 0.5), Error);
  EXPECT_THROW(flagged(comm, {}, 1.5), UsageError);
  EXPECT_THROW(flagged(comm, {}, nan), UsageError);
}

TEST(KthNeighbour, IsTheLastAndInfiniteWhereThereAreFewer) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Neighbours neighbours;
  neighbours.k = 2;
  neighbours.ids = {4, 5, 4, no_neighbour};
  neighbours.values = {0.1, 0.2, 0.3, infinity};
  EXPECT_THAT(kth_neighbour_values(neighbours), testing::ElementsAre(0.2, infinity));
}

}  // namespace
}  // namespace farpoint::select
