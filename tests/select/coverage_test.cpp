// SPDX-License-Identifier: Apache-2.0
// Coverage against its definition: all distances in one place, sorted.
#include "farpoint/select/coverage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "datasets.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/random.hpp"
#include "mpi_world.hpp"
#include "reference_coverage.hpp"
#include "select/coverage_sample.hpp"

namespace farpoint::select {
namespace {

using testing::ElementsAre;

/// Records of the last group are not in the pool.
constexpr std::size_t sources = 4;
constexpr std::size_t labels = 9;

std::uint32_t source_of(std::uint64_t id) {
  return static_cast<std::uint32_t>(random_bits(1, 7, id) % (sources - 1));
}

std::uint32_t label_of(std::uint64_t id) {
  return static_cast<std::uint32_t>(random_bits(2, 7, id) % (labels - 1));
}

template <typename GroupOf>
std::vector<std::uint32_t> groups_of(std::span<const std::uint64_t> ids, const GroupOf& group_of) {
  std::vector<std::uint32_t> groups;
  for (const std::uint64_t id : ids) groups.push_back(group_of(id));
  return groups;
}

/// The value of rank ceil(q n), from 1.
double quantile(const std::vector<double>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

DistanceSummary reference_summary(std::vector<double> distances, std::span<const double> radii) {
  DistanceSummary summary;
  const auto n = static_cast<double>(distances.size());
  for (const double radius : radii) {
    const auto within = std::count_if(distances.begin(), distances.end(), [&](double d) { return d <= radius; });
    summary.within.push_back(static_cast<double>(within) / n);
  }
  if (distances.empty()) return summary;
  std::sort(distances.begin(), distances.end());
  summary.mean = 0;
  for (const double distance : distances) summary.mean += distance / n;
  summary.p50 = quantile(distances, 0.5);
  summary.p90 = quantile(distances, 0.9);
  summary.p95 = quantile(distances, 0.95);
  summary.p99 = quantile(distances, 0.99);
  summary.max = distances.back();
  return summary;
}

/// Equal, NaN to NaN.
void expect_number(double value, double expected, const char* what) {
  EXPECT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected)))
      << what << " is " << value << ", expected " << expected;
}

void expect_summary(const DistanceSummary& found, const DistanceSummary& expected) {
  expect_number(found.p50, expected.p50, "p50");
  expect_number(found.p90, expected.p90, "p90");
  expect_number(found.p95, expected.p95, "p95");
  expect_number(found.p99, expected.p99, "p99");
  expect_number(found.max, expected.max, "max");
  ASSERT_EQ(found.within.size(), expected.within.size());
  for (std::size_t r = 0; r < expected.within.size(); ++r) expect_number(found.within[r], expected.within[r], "within");
  // The reference rounds; quantiles_test.cpp has the exact sums.
  if (std::isfinite(expected.mean)) {
    EXPECT_NEAR(found.mean, expected.mean, 1e-12 * (std::abs(expected.mean) + expected.max));
  } else {
    expect_number(found.mean, expected.mean, "mean");
  }
}

std::vector<double> shown(const Dataset& data, Metric metric, std::span<const std::uint64_t> chosen) {
  auto values = reference_assignment(data, metric, chosen).values;
  for (double& value : values) value = std::max(shown_distance(metric, value), 0.0);
  return values;
}

/// What a test knows of a subset and of the random one beside it.
struct Expected {
  const Dataset& data;
  std::vector<std::uint64_t> chosen;
  std::vector<std::uint64_t> drawn;
  std::vector<double> to_chosen;
  std::vector<double> to_drawn;

  Expected(const Dataset& all, Metric metric, std::vector<std::uint64_t> ids, std::uint64_t seed)
      : data(all),
        chosen(std::move(ids)),
        drawn(random_subset(*comm::make_local(), all.ids, chosen.size(), seed)),
        to_chosen(shown(all, metric, chosen)),
        to_drawn(shown(all, metric, drawn)) {}
};

/// One group of everything, by its definition. `measured`: ids that the distances are of.
template <typename Belongs>
void expect_group(const GroupCoverage& found, const Expected& expected, const std::set<std::uint64_t>& measured,
                  std::span<const double> radii, const Belongs& belongs) {
  const auto& ids = expected.data.ids;
  std::vector<double> of_chosen;
  std::vector<double> of_drawn;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!belongs(ids[i]) || !measured.contains(ids[i])) continue;
    of_chosen.push_back(expected.to_chosen[i]);
    of_drawn.push_back(expected.to_drawn[i]);
  }
  const auto count = [&](const auto& some) { return std::count_if(some.begin(), some.end(), belongs); };
  EXPECT_EQ(found.records, count(ids));
  EXPECT_EQ(found.measured, of_chosen.size());
  EXPECT_EQ(found.chosen, count(expected.chosen));
  EXPECT_EQ(found.drawn, count(expected.drawn));
  expect_summary(found.subset, reference_summary(of_chosen, radii));
  ASSERT_TRUE(found.random.has_value());
  expect_summary(*found.random, reference_summary(of_drawn, radii));
}

void expect_coverage(const Coverage& found, const Expected& expected, const std::set<std::uint64_t>& measured) {
  EXPECT_EQ(found.is_sampled(), measured.size() < expected.data.ids.size());
  expect_group(found.overall, expected, measured, found.radii, [](std::uint64_t) { return true; });
  ASSERT_EQ(found.groups.size(), 2);
  ASSERT_EQ(found.groups[0].size(), sources);
  ASSERT_EQ(found.groups[1].size(), labels);
  for (std::uint32_t group = 0; group < sources; ++group) {
    SCOPED_TRACE(testing::Message() << "source " << group);
    expect_group(found.groups[0][group], expected, measured, found.radii,
                 [&](std::uint64_t id) { return source_of(id) == group; });
  }
  for (std::uint32_t group = 0; group < labels; ++group) {
    SCOPED_TRACE(testing::Message() << "label " << group);
    expect_group(found.groups[1][group], expected, measured, found.radii,
                 [&](std::uint64_t id) { return label_of(id) == group; });
  }
}

Coverage measure(comm::Communicator& comm, const Dataset& part, Metric metric, std::span<const std::uint64_t> chosen,
                 const CoverageOptions& options, const Assignment* assignment = nullptr) {
  const auto of_source = groups_of(part.ids, source_of);
  const auto of_label = groups_of(part.ids, label_of);
  const std::vector<Grouping> groupings{{of_source, sources}, {of_label, labels}};
  return measure_coverage(comm, {metric, part.pool(), part.curated, chosen}, groupings, options, assignment);
}

class CoverageCase : public testing::TestWithParam<Case> {};

TEST_P(CoverageCase, EqualsTheReference) {
  auto& comm = world();
  const Dataset data = GetParam().make();
  const Metric metric = GetParam().options.metric;
  const auto chosen = shuffled_ids(data, data.ids.size() / 6);
  CoverageOptions options;
  options.seed = 3;
  options.radii = {0, 0.5, 1e9};
  const auto local = comm::make_local();
  const Expected expected(data, metric, chosen, options.seed);
  const std::set<std::uint64_t> all(data.ids.begin(), data.ids.end());
  const SampledRows sample(*local, data.pool(), 70, options.seed);
  const std::set<std::uint64_t> some(sample.view().ids().begin(), sample.view().ids().end());

  for (const std::uint64_t split : {0, 1, 2}) {
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);
    const auto assignment = assign_to_chosen(comm, metric, part.pool(), chosen, part.curated);
    for (const auto* known : {static_cast<const Assignment*>(nullptr), &assignment}) {
      SCOPED_TRACE(testing::Message() << "split " << split << (known == nullptr ? "" : ", known"));
      options.sample.reset();
      expect_coverage(measure(comm, part, metric, chosen, options, known), expected, all);
      options.sample = 70;
      expect_coverage(measure(comm, part, metric, chosen, options, known), expected, some);
    }
  }
}

std::vector<Case> some_cases() {
  const std::set<std::string> names{"normal",  "copies",         "near_ties",  "one_hot",     "curated",
                                    "l2_grid", "curated_copies", "l2_outlier", "l2_overflow", "l2_curated"};
  std::vector<Case> cases;
  for (Case& test : hard_cases()) {
    if (names.contains(test.name)) cases.push_back(test);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Hard, CoverageCase, testing::ValuesIn(some_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Coverage, HasTheRadiiOfTheRandomSubset) {
  auto& comm = world();
  const Dataset data = normal_data(400, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  CoverageOptions options;
  options.radii = {0.25};

  const auto found = measure(comm, part, Metric::cosine, shuffled_ids(data, 30), options);

  EXPECT_THAT(found.radii, ElementsAre(found.overall.random->p50, found.overall.random->p90, 0.25));
  EXPECT_GE(found.overall.random->within[0], 0.5);
  EXPECT_GE(found.overall.random->within[1], 0.9);
}

TEST(Coverage, IsBetterOfKCenter) {
  // A few records are far from the many.
  auto& comm = world();
  Dataset data = normal_data(600, 8, 1, false);
  for (std::size_t i = 0; i < 8 * 580; ++i) data.rows[i] *= 0.01F;
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions k_center_options;
  k_center_options.metric = Metric::l2;
  k_center_options.limits.records = 30;
  const auto chosen = k_center(comm, part.candidates(), {}, k_center_options);

  const auto found = measure(comm, part, Metric::l2, chosen.ids, {});

  EXPECT_EQ(found.overall.subset.max, chosen.radius);
  EXPECT_GT(found.overall.mean_improvement(), 1.5);
  EXPECT_EQ(found.overall.p95_improvement(), found.overall.random->p95 / found.overall.subset.p95);
}

TEST(Coverage, OfARandomSubsetIsThatOfItself) {
  auto& comm = world();
  const Dataset data = normal_data(300, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  CoverageOptions options;
  options.seed = 11;

  const auto found = measure(comm, part, Metric::cosine, random_subset(comm, part.ids, 40, 11), options);

  EXPECT_EQ(found.overall.mean_improvement(), 1);
  EXPECT_EQ(found.overall.p95_improvement(), 1);
}

TEST(Coverage, ComparesOnlyWhenAsked) {
  auto& comm = world();
  const Dataset data = normal_data(300, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  CoverageOptions options;
  options.compare = false;

  const auto found = measure(comm, part, Metric::cosine, shuffled_ids(data, 20), options);

  EXPECT_FALSE(found.overall.random.has_value());
  EXPECT_TRUE(std::isnan(found.overall.mean_improvement()));
  EXPECT_TRUE(found.radii.empty());
  EXPECT_EQ(found.overall.drawn, 0);
  expect_summary(found.overall.subset, reference_summary(shown(data, Metric::cosine, shuffled_ids(data, 20)), {}));
}

TEST(Coverage, OfEverythingIsPerfect) {
  auto& comm = world();
  const Dataset data = normal_data(100, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);

  const auto found = measure(comm, part, Metric::cosine, data.ids, {});

  EXPECT_EQ(found.overall.subset.max, 0);
  EXPECT_EQ(found.overall.chosen, 100);
  EXPECT_EQ(found.overall.drawn, 100);
  EXPECT_EQ(found.overall.mean_improvement(), 1);
}

TEST(Coverage, OfNothingIsInfinite) {
  auto& comm = world();
  const Dataset data = normal_data(100, 8, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);

  const auto found = measure(comm, part, Metric::cosine, {}, {});

  EXPECT_TRUE(std::isinf(found.overall.subset.mean));
  EXPECT_TRUE(std::isinf(found.overall.subset.p50));
  EXPECT_EQ(found.overall.mean_improvement(), 1);
}

TEST(Coverage, OfAnEmptyPoolIsNotANumber) {
  const auto found =
      measure_coverage(world(), {Metric::cosine, {{}, {}, 4}, {}, {}}, std::vector<Grouping>{{{}, 0}, {{}, 2}}, {});

  EXPECT_EQ(found.overall.records, 0);
  EXPECT_TRUE(std::isnan(found.overall.subset.mean));
  EXPECT_TRUE(std::isnan(found.overall.mean_improvement()));
  EXPECT_EQ(found.groups[0].size(), 0);
  EXPECT_EQ(found.groups[1].size(), 2);
}

TEST(Coverage, TellsEveryRankOfAWrongGroup) {
  auto& comm = world();
  const Dataset part = normal_data(10, 4, 1, true);
  std::vector<std::uint32_t> groups(10, 1);
  if (comm.rank() == comm.size() - 1) groups[3] = 2;
  const std::vector<Grouping> groupings{{groups, 2}};

  EXPECT_THROW(measure_coverage(comm, {Metric::cosine, part.pool(), {}, {}}, groupings, {}), comm::AgreedError);
}

TEST(CoverageCurve, EqualsTheReference) {
  auto& comm = world();
  for (const Case& test : some_cases()) {
    const Dataset data = test.make();
    const Metric metric = test.options.metric;
    for (const std::size_t k : {0, 1, 2, 5, 40, 170}) {
      for (const std::uint64_t sample : {60, 1000}) {
        SCOPED_TRACE(testing::Message() << test.name << ", " << k << " chosen, sample " << sample);
        const auto chosen = shuffled_ids(data, k);
        const SampledRows rows(*comm::make_local(), data.pool(), sample, 4);
        const Dataset part = part_of(data, comm.rank(), comm.size(), k % 3);
        const auto curve = coverage_curve(comm, {metric, part.pool(), part.curated, chosen}, sample, 4);

        std::set<std::size_t> lengths;
        for (const std::size_t part_of_it : {1, 2, 4, 8, 16}) {
          if (k > 0) lengths.insert((k + part_of_it - 1) / part_of_it);
        }
        ASSERT_EQ(curve.size(), lengths.size());
        auto length = lengths.begin();
        for (const CurvePoint& point : curve) {
          EXPECT_EQ(point.records, *length);
          const auto all = shown(data, metric, std::span(chosen).first(*length++));
          std::vector<double> distances;
          for (const std::uint32_t row : rows.rows()) distances.push_back(all[row]);
          const auto expected = reference_summary(distances, {});
          EXPECT_EQ(point.p95, expected.p95);
          EXPECT_EQ(point.max, expected.max);
          EXPECT_NEAR(point.mean, expected.mean, 1e-12 * (expected.mean + expected.max));
        }
      }
    }
  }
}

}  // namespace
}  // namespace farpoint::select
