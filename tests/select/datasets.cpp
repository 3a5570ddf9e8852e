// SPDX-License-Identifier: Apache-2.0
#include "datasets.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "farpoint/base/random.hpp"

namespace farpoint::select {

namespace {

using Random = std::mt19937_64;

void number_ids(Dataset& data) {
  data.ids.resize(data.rows.size() / data.dimension);
  for (std::size_t i = 0; i < data.ids.size(); ++i) data.ids[i] = 3 * i + 7;
}

std::span<float> row_of(std::vector<float>& rows, std::size_t dimension, std::size_t i) {
  return std::span(rows).subspan(i * dimension, dimension);
}

std::vector<float> normal_rows(std::size_t n, std::size_t dimension, Random& random, bool unit) {
  std::normal_distribution<float> normal;
  std::vector<float> rows(n * dimension);
  for (float& component : rows) component = normal(random);
  for (std::size_t i = 0; unit && i < n; ++i) normalize(row_of(rows, dimension, i));
  return rows;
}

Dataset with_curated(Dataset data, std::size_t count, bool unit) {
  Random random(99);
  data.curated = normal_rows(count, data.dimension, random, unit);
  // One of them is a copy of a record: it can never be nearer than that record, once that is chosen.
  std::copy_n(data.rows.begin(), data.dimension, data.curated.begin());
  return data;
}

/// A few directions, each with many vectors that differ by `noise`; 0 gives exact copies.
Dataset clustered(std::size_t n, std::size_t dimension, std::size_t clusters, float noise) {
  Random random(n + clusters);
  std::normal_distribution<float> normal(0, 1);
  const auto centres = normal_rows(clusters, dimension, random, true);
  Dataset data{dimension, {}, std::vector<float>(n * dimension), {}};
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t cluster = random() % clusters;
    const auto row = row_of(data.rows, dimension, i);
    for (std::size_t k = 0; k < dimension; ++k) row[k] = centres[cluster * dimension + k] + noise * normal(random);
    normalize(row);
  }
  number_ids(data);
  return data;
}

/// Rows with one or two components: most pairs have cosine 0, exactly.
Dataset one_hot(std::size_t n, std::size_t dimension) {
  Random random(3);
  Dataset data{dimension, {}, std::vector<float>(n * dimension, 0), {}};
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = row_of(data.rows, dimension, i);
    row[random() % dimension] = 1;
    row[random() % dimension] += 1;
    normalize(row);
  }
  number_ids(data);
  return data;
}

/// Integer points: very many distances are exactly equal, and all are exact in float32 too.
Dataset grid(std::size_t n, std::size_t dimension, int side) {
  Random random(5);
  Dataset data{dimension, {}, std::vector<float>(n * dimension), {}};
  for (float& component : data.rows) component = static_cast<float>(random() % static_cast<std::uint64_t>(side));
  number_ids(data);
  return data;
}

/// Normal data with rows of very different lengths: `scales` for the first rows.
Dataset scaled(std::size_t n, std::size_t dimension, std::vector<float> scales) {
  Dataset data = normal_data(n, dimension, 11, false);
  for (std::size_t i = 0; i < scales.size(); ++i) {
    for (float& component : row_of(data.rows, dimension, i)) component *= scales[i];
  }
  return data;
}

KCenterOptions records(std::uint64_t count, Metric metric = Metric::cosine) {
  KCenterOptions options;
  options.metric = metric;
  options.limits.records = count;
  return options;
}

KCenterOptions radius(double value, Metric metric = Metric::cosine) {
  KCenterOptions options;
  options.metric = metric;
  options.radius = value;
  return options;
}

KCenterOptions both(std::uint64_t count, double value) {
  KCenterOptions options = radius(value);
  options.limits.records = count;
  return options;
}

void append_cosine(std::vector<Case>& cases) {
  cases.push_back({"normal", records(60), [] { return normal_data(300, 24, 1, true); }});
  cases.push_back({"normal_all", records(1000), [] { return normal_data(130, 5, 2, true); }});
  cases.push_back({"clusters", records(80), [] { return clustered(400, 33, 12, 0.05F); }});
  cases.push_back({"near_ties", records(70), [] { return clustered(300, 40, 8, 1e-7F); }});
  cases.push_back({"copies", records(250), [] { return clustered(300, 17, 20, 0); }});
  cases.push_back({"all_equal", records(150), [] { return clustered(150, 9, 1, 0); }});
  cases.push_back({"one_hot", records(90), [] { return one_hot(400, 60); }});
  cases.push_back({"circle", records(40), [] { return normal_data(200, 2, 3, true); }});
  cases.push_back({"one_component", records(5), [] { return normal_data(40, 1, 3, true); }});
  cases.push_back({"radius", radius(0.6), [] { return normal_data(300, 16, 4, true); }});
  cases.push_back({"radius_zero", radius(0), [] { return clustered(200, 16, 9, 0); }});
  cases.push_back({"budget_before_radius", both(7, 0.1), [] { return normal_data(200, 16, 4, true); }});
  cases.push_back({"radius_before_budget", both(150, 0.8), [] { return normal_data(200, 16, 4, true); }});
  cases.push_back({"curated", records(50), [] { return with_curated(normal_data(250, 12, 6, true), 9, true); }});
  cases.push_back({"curated_copies", records(50), [] { return with_curated(clustered(250, 12, 7, 0), 5, true); }});
}

KCenterOptions with_limits(Limits limits, Metric metric = Metric::cosine) {
  KCenterOptions options;
  options.metric = metric;
  options.limits = std::move(limits);
  return options;
}

KCenterOptions keeping(std::vector<std::uint64_t> ids, KCenterOptions options) {
  options.must_keep = std::move(ids);
  return options;
}

/// Uneven labels (the first is the most frequent), a few tokens a record, uneven scores, some barred records.
Dataset with_charges(Dataset data, bool scores, bool barred) {
  for (std::size_t i = 0; i < data.ids.size(); ++i) {
    const auto draw = random_bits(5, 0, i);
    data.labels.push_back(draw % 10 < 6 ? 0U : draw % 10 < 9 ? 1U : 2U);
    data.tokens.push_back(1 + draw / 16 % 20);
    if (scores) data.scores.push_back(0.25 * static_cast<double>(1 + draw / 512 % 8));
    if (barred) data.barred.push_back(draw / 65536 % 4 == 0 ? 1 : 0);
  }
  return data;
}

void append_restricted(std::vector<Case>& cases) {
  constexpr auto any = Limits::no_limit;
  const auto normal = [](bool scores, bool barred) {
    return [=] { return with_charges(normal_data(300, 12, 8, true), scores, barred); };
  };
  const auto copies = [] { return with_charges(clustered(300, 8, 30, 0), true, true); };
  cases.push_back({"tokens", with_limits({any, 400}), normal(false, false)});
  cases.push_back({"quota_most", with_limits({80, any, {{0, 20}, {0, 30}, {}}}), normal(false, false)});
  cases.push_back({"quota_least", with_limits({60, any, {{}, {15, any}, {12, any}}}), normal(false, false)});
  cases.push_back({"quota_out_of_reach", with_limits({90, any, {{5, 9}, {}, {1000, any}}}), normal(false, false)});
  cases.push_back({"quota_is_full", with_limits({any, any, {{0, 9}, {0, 4}, {2, 2}}}), normal(true, true)});
  cases.push_back({"quota_and_tokens", with_limits({70, 500, {{0, 20}, {10, any}, {3, 8}}}), normal(true, false)});
  cases.push_back({"scores", records(60), normal(true, false)});
  cases.push_back({"scores_of_copies", records(200), copies});
  cases.push_back({"scores_to_the_last", records(1000), normal(true, false)});
  cases.push_back({"barred", records(50), normal(false, true)});
  cases.push_back({"barred_to_the_last", records(1000), normal(true, true)});
  cases.push_back({"must_keep", keeping({37, 7, 304, 100}, records(40)), normal(false, true)});
  cases.push_back({"must_keep_more_than_allowed", keeping({37, 7, 304, 100, 13}, records(3)), normal(true, false)});
  cases.push_back({"must_keep_with_quota", keeping({37, 7}, with_limits({50, any, {{0, 3}, {5, 9}, {}}})), copies});
  cases.push_back({"must_keep_and_curated", keeping({37, 7, 10}, records(30)),
                   [] { return with_curated(with_charges(clustered(250, 12, 7, 0), false, false), 5, true); }});
  cases.push_back({"l2_scores", records(60, Metric::l2), [] { return with_charges(grid(250, 3, 5), true, false); }});
  cases.push_back({"l2_scores_and_quota", with_limits({60, any, {{0, 10}, {20, any}, {}}}, Metric::l2), [] {
                     return with_charges(scaled(250, 10, {1e18F, 1, 1, -1e18F, 1e9F}), true, true);
                   }});
}

void append_l2(std::vector<Case>& cases) {
  const auto l2 = Metric::l2;
  cases.push_back({"l2_normal", records(60, l2), [] { return normal_data(300, 24, 1, false); }});
  cases.push_back({"l2_grid", records(120, l2), [] { return grid(300, 3, 4); }});
  cases.push_back({"l2_line", records(30, l2), [] { return grid(100, 1, 1000); }});
  cases.push_back({"l2_copies", records(300, l2), [] { return grid(300, 2, 3); }});
  cases.push_back({"l2_zero_rows", records(40, l2), [] { return scaled(200, 8, std::vector<float>(60, 0.0F)); }});
  cases.push_back({"l2_outlier", records(60, l2), [] { return scaled(250, 10, {1e18F, 1, 1, -1e18F, 1e9F}); }});
  cases.push_back({"l2_overflow", records(60, l2), [] { return scaled(250, 10, {1e30F, 1e37F, 1e20F, 1e19F}); }});
  // The third record is short enough for single-precision products, but its nearest, the second, is not.
  cases.push_back({"l2_limit", records(2, l2), [] { return Dataset{1, {1, 2, 3, 4}, {0, 1.3e18F, 0.9e18F, 1}, {}}; }});
  cases.push_back({"l2_tiny", records(40, l2), [] { return scaled(120, 6, std::vector<float>(120, 1e-42F)); }});
  cases.push_back({"l2_curated", records(50, l2), [] { return with_curated(grid(250, 4, 5), 6, false); }});
  cases.push_back({"l2_radius", radius(1.5, l2), [] { return grid(200, 3, 4); }});
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

}  // namespace

Dataset normal_data(std::size_t n, std::size_t dimension, std::uint64_t seed, bool unit) {
  Random random(seed);
  Dataset data{dimension, {}, normal_rows(n, dimension, random, unit), {}};
  number_ids(data);
  return data;
}

std::vector<Case> hard_cases() {
  std::vector<Case> cases;
  append_cosine(cases);
  append_l2(cases);
  append_restricted(cases);
  return cases;
}

Dataset part_of(const Dataset& data, int rank, int ranks, std::uint64_t split) {
  const auto is_mine = [&](std::uint64_t stream, std::size_t i) {
    // Every third split leaves the last rank without rows.
    const auto usable = static_cast<std::uint64_t>(split % 3 == 1 && ranks > 1 ? ranks - 1 : ranks);
    return random_bits(split, stream, i) % usable == static_cast<std::uint64_t>(rank);
  };
  const auto copy = [](const auto& from, std::size_t i, auto& to) {
    if (!from.empty()) to.push_back(from[i]);
  };
  Dataset part{data.dimension, {}, {}, {}};
  for (std::size_t i = 0; i < data.ids.size(); ++i) {
    if (!is_mine(0, i)) continue;
    const auto row = data.pool().row(i);
    part.ids.push_back(data.ids[i]);
    part.rows.insert(part.rows.end(), row.begin(), row.end());
    copy(data.scores, i, part.scores);
    copy(data.labels, i, part.labels);
    copy(data.tokens, i, part.tokens);
    copy(data.barred, i, part.barred);
  }
  for (std::size_t c = 0; c < data.curated_count(); ++c) {
    const auto row = data.curated_row(c);
    if (is_mine(1, c)) part.curated.insert(part.curated.end(), row.begin(), row.end());
  }
  return part;
}

void expect_same(const KCenterResult& result, const KCenterResult& reference, const Dataset& data,
                 const Dataset& part) {
  EXPECT_EQ(result.ids, reference.ids);
  EXPECT_TRUE(same_bits(result.distances, reference.distances)) << testing::PrintToString(result.distances);
  EXPECT_TRUE(same_bits({result.radius}, {reference.radius})) << result.radius << " and " << reference.radius;
  EXPECT_EQ(result.weights, reference.weights);
  ASSERT_EQ(result.representatives.size(), part.ids.size());
  for (std::size_t i = 0; i < part.ids.size(); ++i) {
    EXPECT_EQ(result.representatives[i], reference.representatives[data.place_of(part.ids[i])])
        << "of record " << part.ids[i];
  }
}

}  // namespace farpoint::select
