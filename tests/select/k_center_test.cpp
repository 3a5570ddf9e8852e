// SPDX-License-Identifier: Apache-2.0
// The fast k-center against its definition: whatever the data, the pool size, the threads and the split over ranks, the
// same ids in the same order, the same bits of the distances, the same assignment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/stored_rows.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

class KCenterCase : public testing::TestWithParam<Case> {};

TEST_P(KCenterCase, EqualsTheReference) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  KCenterOptions options = GetParam().options;
  const auto reference = reference_k_center(data, options);

  for (const std::size_t pool_size : {1, 16, 256, 4096}) {
    for (const std::uint64_t split : {0, 1, 2}) {
      options.pool_size = pool_size;
      const Dataset part = part_of(data, comm.rank(), comm.size(), split);
      const auto result = k_center(comm, part.candidates(), part.curated, options);

      SCOPED_TRACE(testing::Message() << "pool size " << pool_size << ", split " << split);
      expect_same(result, reference, data, part);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hard, KCenterCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(KCenterCase, GoesOnWhereItWasInterrupted) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  KCenterOptions options = GetParam().options;
  options.pool_size = 16;
  const auto reference = reference_k_center(data, options);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  std::vector<KCenterPicks> moments;
  k_center(comm, part.candidates(), part.curated, options, [&](const auto& so_far) { moments.push_back(so_far); });

  // After the first pass, in the middle, and at the end, with the rows on other ranks.
  for (const std::size_t moment : {std::size_t{0}, moments.size() / 2, moments.size() - 1}) {
    const Dataset other = part_of(data, comm.rank(), comm.size(), 2);
    const auto result = k_center(comm, other.candidates(), other.curated, options, {}, moments.at(moment));

    SCOPED_TRACE(testing::Message() << "after " << moments[moment].ids.size() << " picks");
    expect_same(result, reference, data, other);
  }
}

TEST(KCenter, TakesRowsOfEveryStorage) {
  auto& comm = world();
  for (const auto storage : {Storage::float32, Storage::float16, Storage::bfloat16}) {
    Dataset data = normal_data(300, 24, 1, true);
    round_to(storage, data.rows);
    KCenterOptions options;
    options.limits.records = 60;
    options.pool_size = 16;
    const auto reference = reference_k_center(data, options);
    const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
    StoredRows rows(storage, data.dimension);
    for (std::size_t i = 0; i < part.ids.size(); ++i) rows.append(part.pool().row(i));

    // Through a reader, also where they could be had in place.
    const auto result = k_center(comm, {Vectors(rows, part.ids)}, {}, options);

    SCOPED_TRACE(static_cast<int>(storage));
    expect_same(result, reference, data, part);
  }
}

TEST(KCenter, DrawsTheSameFirstRecordInEverySplit) {
  auto& comm = world();
  const Dataset data = normal_data(200, 8, 1, true);
  std::vector<std::uint64_t> first_of_seed;

  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    std::vector<std::uint64_t> first_ids;
    for (const std::uint64_t split : {0, 1, 2}) {
      const Dataset part = part_of(data, comm.rank(), comm.size(), split);
      KCenterOptions options;
      options.limits.records = 20;
      options.random_first = true;
      options.seed = seed;
      const auto result = k_center(comm, part.candidates(), {}, options);
      const auto reference = reference_k_center(data, options, result.ids.front());
      expect_same(result, reference, data, part);
      first_ids.push_back(result.ids.front());
    }
    EXPECT_EQ(std::count(first_ids.begin(), first_ids.end(), first_ids.front()), 3);
    first_of_seed.push_back(first_ids.front());
  }

  // Four draws from 200 are not all the same.
  EXPECT_GT(std::count_if(first_of_seed.begin(), first_of_seed.end(), [&](auto id) { return id != first_of_seed[0]; }),
            0);
}

TEST(KCenter, NeedsFewCollectiveCallsAndPasses) {
  auto& comm = world();
  const Dataset data = normal_data(2000, 16, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 400;
  options.assignment = false;

  const auto result = k_center(comm, part.candidates(), {}, options);

  EXPECT_EQ(result.ids.size(), 400);
  EXPECT_LE(result.costs.passes, 400 / 20);
  EXPECT_LE(result.costs.collectives, 400 / 10);
  EXPECT_TRUE(result.representatives.empty());
  EXPECT_TRUE(result.weights.empty());
}

TEST(KCenter, TakesThousandsOfCopiesManyAtATime) {
  auto& comm = world();
  Dataset data = normal_data(3000, 4, 1, true);
  for (std::size_t i = 5; i < 3000; ++i) std::copy_n(data.rows.begin() + 4 * (i % 5), 4, data.rows.begin() + 4 * i);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 3000;

  const auto result = k_center(comm, part.candidates(), {}, options);

  EXPECT_EQ(result.ids.size(), 3000);
  EXPECT_EQ(result.radius, 0);
  EXPECT_LE(result.costs.collectives, 100);
}

TEST(KCenter, ResolvesThousandsOfNearTiesWithFewMessages) {
  // Orthogonal and at distance 1, exactly; single precision cannot tell them apart.
  auto& comm = world();
  Dataset data{60, {}, std::vector<float>(60 * 3000, 0), {}};
  for (std::size_t i = 0; i < 3000; ++i) {
    data.ids.push_back(i);
    data.rows[60 * i + i % 60] = 1;
  }
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 60;
  options.pool_size = 16;

  const auto result = k_center(comm, part.candidates(), {}, options);

  EXPECT_THAT(result.ids, testing::ElementsAreArray(std::span(data.ids).first(60)));
  EXPECT_EQ(result.radius, 0);
  EXPECT_LE(result.costs.collectives, 60);
}

TEST(KCenter, TellsEveryRankOfAWrongDimension) {
  auto& comm = world();
  const bool is_last = comm.rank() == comm.size() - 1;
  const Dataset data = normal_data(20, is_last && comm.size() > 1 ? 5 : 4, 1, true);
  KCenterOptions options;
  options.limits.records = 3;

  if (comm.size() > 1) {
    EXPECT_THROW(k_center(comm, data.candidates(), {}, options), Error);
  }
}

TEST(KCenter, TellsEveryRankOfAVectorThatIsNotFinite) {
  auto& comm = world();
  Dataset data = part_of(normal_data(50, 4, 1, true), comm.rank(), comm.size(), 0);
  if (comm.rank() == comm.size() - 1) data.rows.back() = std::numeric_limits<float>::quiet_NaN();
  KCenterOptions options;
  options.limits.records = 3;

  EXPECT_THROW(k_center(comm, data.candidates(), {}, options), Error);
}

TEST(KCenter, TellsEveryRankOfAScoreThatIsNotPositive) {
  auto& comm = world();
  Dataset data = part_of(normal_data(50, 4, 1, true), comm.rank(), comm.size(), 0);
  data.scores.assign(data.ids.size(), 0.5);
  if (comm.rank() == comm.size() - 1) data.scores.back() = 0;
  KCenterOptions options;
  options.limits.records = 3;

  EXPECT_THROW(k_center(comm, data.candidates(), {}, options), Error);
}

TEST(KCenter, TellsEveryRankOfPicksThatAreNotThere) {
  auto& comm = world();
  const Dataset data = part_of(normal_data(50, 4, 1, true), comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 3;
  const KCenterPicks before{{7, 8}, {1, 1}};

  EXPECT_THROW(k_center(comm, data.candidates(), {}, options, {}, before), Error);
}

TEST(KCenter, OfNoRecordsIsEmpty) {
  KCenterOptions options;
  options.limits.records = 3;

  const auto result = k_center(world(), {Vectors({}, {}, 4)}, {}, options);

  EXPECT_TRUE(result.ids.empty());
  EXPECT_EQ(result.radius, 0);
}

}  // namespace
}  // namespace farpoint::select
