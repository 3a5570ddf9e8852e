// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"

namespace farpoint::select {
namespace {

/// Small integers: exact ties, copies and zero rows abound.
std::vector<float> small_integers(std::size_t count) {
  const auto components = *rc::gen::container<std::vector<int>>(count, rc::gen::inRange(-2, 3));
  return {components.begin(), components.end()};
}

Dataset any_data(Metric metric) {
  Dataset data;
  data.dimension = *rc::gen::inRange<std::size_t>(1, 6);
  const auto records = *rc::gen::inRange<std::size_t>(0, 60);
  data.rows = small_integers(records * data.dimension);
  data.curated = small_integers(*rc::gen::inRange<std::size_t>(0, 4) * data.dimension);
  for (std::size_t i = 0; i < records; ++i) data.ids.push_back(5 * i);
  if (metric == Metric::l2) return data;
  for (auto* rows : {&data.rows, &data.curated}) {
    for (std::size_t begin = 0; begin < rows->size(); begin += data.dimension) {
      const auto row = std::span(*rows).subspan(begin, data.dimension);
      if (!normalize(row)) row.front() = 1;
    }
  }
  return data;
}

KCenterOptions any_options() {
  KCenterOptions options;
  options.metric = *rc::gen::element(Metric::cosine, Metric::l2);
  if (*rc::gen::arbitrary<bool>()) options.limits.records = *rc::gen::inRange<std::uint64_t>(0, 70);
  if (options.limits.records == Limits::no_limit || *rc::gen::arbitrary<bool>())
    options.radius = *rc::gen::element(0.0, 0.5, 1.0, 2.0, 3.0);
  options.pool_size = *rc::gen::inRange<std::size_t>(1, 40);
  return options;
}

RC_GTEST_PROP(KCenterProperty, EqualsTheReference, ()) {
  const KCenterOptions options = any_options();
  const Dataset data = any_data(options.metric);
  const auto reference = reference_k_center(data, options);

  set_threads(*rc::gen::inRange(1, 3));
  const auto result = k_center(*comm::make_local(), data.candidates(), data.curated, options);

  RC_ASSERT(result.ids == reference.ids);
  RC_ASSERT(result.distances == reference.distances);
  RC_ASSERT(result.radius == reference.radius);
  RC_ASSERT(result.representatives == reference.representatives);
  RC_ASSERT(result.weights == reference.weights);
}

class KCenterThreads : public testing::TestWithParam<Case> {};

TEST_P(KCenterThreads, DoNotChangeTheResult) {
  const Dataset data = GetParam().make();
  const auto reference = reference_k_center(data, GetParam().options);

  for (const int threads : {1, 2, 3}) {
    set_threads(threads);
    const auto result = k_center(*comm::make_local(), data.candidates(), data.curated, GetParam().options);

    SCOPED_TRACE(threads);
    expect_same(result, reference, data, data);
  }
}

INSTANTIATE_TEST_SUITE_P(Hard, KCenterThreads, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(KCenterOptions, MustSayWhenToStop) {
  const Dataset data = normal_data(10, 4, 1, true);
  KCenterOptions no_end;
  KCenterOptions not_a_number;
  not_a_number.radius = std::numeric_limits<double>::quiet_NaN();

  EXPECT_THROW(k_center(*comm::make_local(), data.candidates(), {}, no_end), UsageError);
  EXPECT_THROW(k_center(*comm::make_local(), data.candidates(), {}, not_a_number), UsageError);
}

TEST(KCenterInputs, MustFitTheirDimension) {
  const Dataset data = normal_data(10, 4, 1, true);
  KCenterOptions options;
  options.limits.records = 2;
  const auto comm = comm::make_local();

  EXPECT_THROW(k_center(*comm, {Vectors(data.rows, data.ids, 5)}, {}, options), Error);
  EXPECT_THROW(k_center(*comm, {Vectors({}, data.ids, 0)}, {}, options), Error);
  EXPECT_THROW(k_center(*comm, data.candidates(), std::span(data.rows).first(3), options), Error);
}

TEST(KCenterProgress, CountsUpToTheLastPick) {
  const Dataset data = normal_data(500, 4, 1, true);
  KCenterOptions options;
  options.limits.records = 100;
  options.pool_size = 8;
  std::vector<std::uint64_t> seen;

  k_center(*comm::make_local(), data.candidates(), {}, options,
           [&](const KCenterPicks& so_far) { seen.push_back(so_far.ids.size()); });

  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 100);
}

}  // namespace
}  // namespace farpoint::select
