// SPDX-License-Identifier: Apache-2.0
// The fast assignment against its definition, for chosen records that no method would choose.
#include "farpoint/select/assignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>

#include "datasets.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/stored_rows.hpp"
#include "mpi_world.hpp"
#include "reference_coverage.hpp"
#include "select/assignment.hpp"
#include "select/canonical_batch.hpp"

namespace farpoint::select {
namespace {

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

void expect_same(const Assignment& result, const Assignment& reference, const Dataset& data, const Dataset& part) {
  EXPECT_EQ(result.weights, reference.weights);
  ASSERT_EQ(result.representatives.size(), part.ids.size());
  ASSERT_EQ(result.values.size(), part.ids.size());
  for (std::size_t i = 0; i < part.ids.size(); ++i) {
    const std::size_t place = data.place_of(part.ids[i]);
    EXPECT_EQ(result.representatives[i], reference.representatives[place]) << "of record " << part.ids[i];
    EXPECT_EQ(bits(result.values[i]), bits(reference.values[place]))
        << result.values[i] << " and " << reference.values[place] << " of record " << part.ids[i];
  }
}

class AssignmentCase : public testing::TestWithParam<Case> {};

TEST_P(AssignmentCase, EqualsTheReference) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  const Metric metric = GetParam().options.metric;
  const std::size_t n = data.ids.size();
  for (const std::size_t k : {std::size_t{0}, std::size_t{1}, n / 5, n}) {
    const auto chosen = shuffled_ids(data, k);
    const auto reference = reference_assignment(data, metric, chosen);
    for (const std::uint64_t split : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << k << " chosen, split " << split);
      const Dataset part = part_of(data, comm.rank(), comm.size(), split);
      set_threads(1 + static_cast<int>(split));
      expect_same(assign_to_chosen(comm, metric, part.pool(), chosen, part.curated), reference, data, part);
    }
  }
  set_threads(1);
}

INSTANTIATE_TEST_SUITE_P(Hard, AssignmentCase, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(CanonicalPairs, HaveTheBitsOfSinglePairs) {
  for (const std::size_t dimension : {1, 2, 7, 384, 1001}) {
    const Dataset data = normal_data(2 * canonical_lanes, dimension, 3, false);
    std::array<const float*, canonical_lanes> xs;
    std::array<const float*, canonical_lanes> ys;
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
      xs[lane] = data.pool().row(2 * lane).data();
      ys[lane] = data.pool().row(2 * lane + 1).data();
    }
    for (const Metric metric : {Metric::cosine, Metric::l2}) {
      const auto values = canonical_pairs(metric, dimension, xs, ys);
      for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
        const double single = canonical(metric, data.pool().row(2 * lane), data.pool().row(2 * lane + 1));
        EXPECT_EQ(bits(values[lane]), bits(single));
      }
    }
  }
}

TEST(Assignment, ReadsRowsThatAreNotInMemory) {
  auto& comm = world();
  const Dataset data = normal_data(300, 20, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  StoredRows stored(Storage::float32, 20);
  for (std::size_t i = 0; i < part.ids.size(); ++i) stored.append(part.pool().row(i));
  const auto chosen = shuffled_ids(data, 40);

  const auto result = assign_to_chosen(comm, Metric::cosine, Vectors(stored, part.ids), chosen);

  expect_same(result, reference_assignment(data, Metric::cosine, chosen), data, part);
}

TEST(Assignment, GathersMoreChosenVectorsThanItSendsAtATime) {
  auto& comm = world();
  const Dataset data = normal_data(5000, 3, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  const auto chosen = shuffled_ids(data, 4500);

  const auto result = assign_to_chosen(comm, Metric::cosine, part.pool(), chosen);

  expect_same(result, reference_assignment(data, Metric::cosine, chosen), data, part);
}

TEST(Assignment, OfNoRecordsIsEmpty) {
  const auto result = assign_to_chosen(world(), Metric::cosine, {{}, {}, 4}, {});

  EXPECT_TRUE(result.representatives.empty());
  EXPECT_TRUE(result.weights.empty());
}

TEST(Assignment, TellsEveryRankOfWrongIds) {
  auto& comm = world();
  const Dataset data = normal_data(50, 4, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  const auto assign = [&](std::vector<std::uint64_t> chosen) {
    return assign_to_chosen(comm, Metric::cosine, part.pool(), chosen);
  };

  EXPECT_THROW(assign({data.ids[3], 8}), comm::AgreedError);
  EXPECT_THROW(assign({data.ids[3], data.ids[4], data.ids[3]}), comm::AgreedError);
}

TEST(Assignment, TellsEveryRankOfAVectorThatIsNotFinite) {
  auto& comm = world();
  const Dataset data = normal_data(50, 4, 1, true);
  Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  if (comm.rank() == comm.size() - 1) part.rows.back() = std::numeric_limits<float>::infinity();

  EXPECT_THROW(assign_to_chosen(comm, Metric::cosine, part.pool(), std::vector{data.ids[0]}), comm::AgreedError);
}

TEST(NearestLabels, AreMeasuredLikeAnyAssignment) {
  for (const Case& test : hard_cases()) {
    SCOPED_TRACE(test.name);
    const Dataset data = test.make();
    const Metric metric = test.options.metric;
    const auto chosen = shuffled_ids(data, data.ids.size() / 5);
    const Screening screening(metric, data.dimension);
    Centres centres(screening, data.dimension);
    for (std::size_t c = 0; c < data.curated_count(); ++c) centres.add(data.curated_row(c), curated_representative);
    KCenterCosts costs;
    const Candidates candidates{.vectors = data.pool()};
    CpuRowBounds rows(candidates, screening, centres, costs);
    std::vector<Outcome> outcomes;
    for (const auto id : chosen) {
      centres.add(data.pool().row(data.place_of(id)), id);
      outcomes.push_back({static_cast<std::uint32_t>(data.place_of(id)), true});
    }
    rows.settle(outcomes);
    Assignment result;
    result.values.resize(data.ids.size());

    result.representatives = nearest_labels(rows, screening, centres, result.values);
    result.weights = count_labels(*comm::make_local(), result.representatives, chosen);

    expect_same(result, reference_assignment(data, metric, chosen), data, data);
  }
}

/// Members of 300 records, ids 2 and on, all of the few chosen at the front, or of curated vectors.
struct Represented {
  std::vector<std::uint64_t> chosen, ids, representatives;
};

Represented represented(std::uint64_t split) {
  auto& comm = world();
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  Represented mine{{90, 4, 33, 700, 6}, {}, {}};
  for (std::uint64_t id = 2; id < 302; ++id) {
    // In split 1 the last rank has everything, in split 2 the ranks have ranges.
    const std::uint64_t owner = split == 1 ? ranks - 1 : split == 2 ? id * ranks / 400 : random_bits(1, 1, id) % ranks;
    if (owner != static_cast<std::uint64_t>(comm.rank())) continue;
    mine.ids.push_back(id);
    const std::uint64_t which = random_bits(2, 2, id) % 12;  // most are of one, and 700 has none
    mine.representatives.push_back(which < 2    ? curated_representative
                                   : which == 2 ? 90
                                   : which == 3 ? 4
                                   : which == 4 ? 33
                                                : 6);
  }
  return mine;
}

std::vector<Member> all_members() {
  std::vector<Member> members;
  for (std::uint64_t id = 2; id < 302; ++id) {
    const std::uint64_t which = random_bits(2, 2, id) % 12;
    if (which >= 2) members.push_back({which == 2 ? 0U : which == 3 ? 1U : which == 4 ? 2U : 4U, id});
  }
  std::sort(members.begin(), members.end());
  return members;
}

TEST(Members, ComeInOrderAndInBlocks) {
  auto& comm = world();
  for (const std::uint64_t split : {0, 1, 2}) {
    for (const std::size_t block : {1, 7, 64, 1000}) {
      SCOPED_TRACE(testing::Message() << "split " << split << ", block " << block);
      const Represented mine = represented(split);
      std::vector<Member> members;
      std::size_t largest = 0;
      for_each_member_block(comm, mine.ids, mine.representatives, mine.chosen, block,
                            [&](std::span<const Member> some) {
                              members.insert(members.end(), some.begin(), some.end());
                              largest = std::max(largest, some.size());
                            });
      EXPECT_TRUE(members == (comm.rank() == 0 ? all_members() : std::vector<Member>()));
      EXPECT_LE(largest, std::max(block, static_cast<std::size_t>(comm.size())));
    }
  }
}

TEST(Members, OfNobodyAreNone) {
  for_each_member_block(world(), {}, {}, {}, 10, [](std::span<const Member>) { FAIL(); });
}

TEST(Members, MustBeOfChosenRecords) {
  const std::vector<std::uint64_t> ids{1, 2};
  const std::vector<std::uint64_t> representatives{1, 5};

  EXPECT_THROW(for_each_member_block(*comm::make_local(), ids, representatives, std::vector<std::uint64_t>{1}, 10,
                                     [](std::span<const Member>) {}),
               Error);
}

}  // namespace
}  // namespace farpoint::select
