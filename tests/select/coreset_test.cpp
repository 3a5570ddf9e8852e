// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/coreset.hpp"

#include <gtest/gtest.h>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

/// The two rounds as they are defined.
KCenterResult reference_in_parts(const Dataset& data, const KCenterOptions& options, std::size_t parts) {
  KCenterOptions twice = options;
  twice.limits.records = 2 * options.limits.records;
  std::vector<std::uint64_t> coreset;
  for (std::size_t part = 0; part < parts; ++part) {
    Dataset of_part{data.dimension, {}, {}, data.curated};
    for (std::size_t i = 0; i < data.ids.size(); ++i) {
      if (random_bits(options.seed, 0x70617274, data.ids[i]) % parts != part) continue;
      const auto row = data.pool().row(i);
      of_part.ids.push_back(data.ids[i]);
      of_part.rows.insert(of_part.rows.end(), row.begin(), row.end());
    }
    const auto chosen = reference_k_center(of_part, twice).ids;
    coreset.insert(coreset.end(), chosen.begin(), chosen.end());
  }
  std::sort(coreset.begin(), coreset.end());
  Dataset among{data.dimension, coreset, {}, data.curated};
  for (const auto id : coreset) {
    const auto row = data.pool().row(data.place_of(id));
    among.rows.insert(among.rows.end(), row.begin(), row.end());
  }
  return reference_k_center(among, options);
}

struct Shape {
  std::size_t rows, curated, parts;
  std::uint64_t records;
  Metric metric;
};

class InParts : public testing::TestWithParam<Shape> {};

TEST_P(InParts, EqualsItsTwoRounds) {
  auto& comm = world();
  const auto& shape = GetParam();
  Dataset data = normal_data(shape.rows, 12, 3, shape.metric == Metric::cosine);
  data.curated = normal_data(shape.curated, 12, 4, true).rows;
  KCenterOptions options;
  options.metric = shape.metric;
  options.limits.records = shape.records;
  options.seed = 5;
  const auto reference = reference_in_parts(data, options, shape.parts);
  for (const std::uint64_t split : {0, 1}) {
    const Dataset part = part_of(data, comm.rank(), comm.size(), split);

    const auto result = k_center_in_parts(comm, part.pool(), part.curated, options, shape.parts);

    EXPECT_EQ(result.ids, reference.ids);
    EXPECT_EQ(result.distances, reference.distances);
    EXPECT_EQ(result.coreset_radius, reference.radius);
    // The whole pool is no better covered than its core-set.
    EXPECT_GE(result.radius, result.coreset_radius);
    double farthest = 0;
    for (std::size_t i = 0; i < data.ids.size(); ++i) {
      double value = std::numeric_limits<double>::infinity();
      for (const auto id : result.ids) {
        value = std::min(value, canonical(shape.metric, data.pool().row(i), data.pool().row(data.place_of(id))));
      }
      for (std::size_t c = 0; c < data.curated_count(); ++c) {
        value = std::min(value, canonical(shape.metric, data.pool().row(i), data.curated_row(c)));
      }
      const bool is_chosen = std::find(result.ids.begin(), result.ids.end(), data.ids[i]) != result.ids.end();
      if (!is_chosen) farthest = std::max(farthest, value);
    }
    EXPECT_EQ(result.radius, shown_distance(shape.metric, farthest));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, InParts,
                         testing::Values(Shape{300, 0, 4, 15, Metric::cosine}, Shape{300, 6, 3, 15, Metric::l2},
                                         Shape{200, 0, 1, 10, Metric::cosine}, Shape{40, 0, 7, 5, Metric::l2},
                                         Shape{10, 0, 30, 20, Metric::cosine}));

TEST(KCenterInParts, NeedsPartsAndRecords) {
  const Dataset data = normal_data(20, 4, 1, true);
  KCenterOptions options;

  EXPECT_THROW(k_center_in_parts(world(), data.pool(), {}, options, 2), UsageError);
  options.limits.records = 3;
  EXPECT_THROW(k_center_in_parts(world(), data.pool(), {}, options, 0), UsageError);
}

}  // namespace
}  // namespace farpoint::select
