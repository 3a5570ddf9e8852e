// SPDX-License-Identifier: Apache-2.0
#include "map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "farpoint/report/principal_components.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::size_t rows_of_plane = 5000;
constexpr std::size_t density_columns = 60;
constexpr std::size_t density_rows = 40;
/// A point of a drawing has no use for more digits.
constexpr double precision = 1e-4;

struct Range {
  double from = std::numeric_limits<double>::infinity();
  double to = -std::numeric_limits<double>::infinity();

  void widen(double value) {
    from = std::min(from, value);
    to = std::max(to, value);
  }
  std::size_t place(double value, std::size_t parts) const {
    if (!(to > from)) return 0;
    const auto at = static_cast<std::size_t>((value - from) / (to - from) * static_cast<double>(parts));
    return std::min(at, parts - 1);
  }
  Json to_json() const { return {number(from), number(to)}; }
};

bool is_finite(const std::vector<float>& vector) {
  return std::all_of(vector.begin(), vector.end(), [](float value) { return std::isfinite(value); });
}

/// The records that have a vector, and where these lie in the plane.
struct Placed {
  std::vector<const Excerpt*> records;
  std::vector<std::array<double, 2>> at;
};

std::vector<const Excerpt*> with_vector(const std::vector<std::uint64_t>& ids, const Excerpts& excerpts) {
  std::vector<const Excerpt*> records;
  for (const auto id : ids) {
    const auto found = excerpts.find(id);
    if (found == excerpts.end() || found->second.vector.empty() || !is_finite(found->second.vector)) continue;
    records.push_back(&found->second);
  }
  return records;
}

Placed place(std::vector<const Excerpt*> records, const report::PrincipalPlane& plane) {
  Placed placed{std::move(records), {}};
  for (const auto* record : placed.records) placed.at.push_back(plane.project(record->vector));
  return placed;
}

report::PrincipalPlane plane_of(const std::vector<const Excerpt*>& records) {
  std::vector<float> rows;
  for (std::size_t i = 0; i < std::min(records.size(), rows_of_plane); ++i) {
    rows.insert(rows.end(), records[i]->vector.begin(), records[i]->vector.end());
  }
  return report::principal_plane(rows, records.front()->vector.size());
}

Json density(const Placed& pool, const Range& x, const Range& y) {
  std::vector<std::uint64_t> counts(density_columns * density_rows);
  for (const auto& at : pool.at) {
    ++counts[y.place(at[1], density_rows) * density_columns + x.place(at[0], density_columns)];
  }
  return {
      {"x", x.to_json()}, {"y", y.to_json()}, {"columns", density_columns}, {"rows", density_rows}, {"counts", counts}};
}

Json points_of(const Placed& placed, std::size_t most) {
  Json points = Json::array();
  for (std::size_t i = 0; i < std::min(placed.records.size(), most); ++i) {
    const auto& record = *placed.records[i];
    const auto rounded = [&](double value) { return std::round(value / precision) * precision; };
    points.push_back({{"id", record.id},
                      {"source", record.source},
                      {"text", record.text},
                      {"x", rounded(placed.at[i][0])},
                      {"y", rounded(placed.at[i][1])}});
  }
  return points;
}

/// What the selection says of its records, beside where they lie.
void add_choices(const Chosen& chosen, Json& points) {
  std::map<std::uint64_t, std::size_t> positions;
  for (std::size_t i = 0; i < chosen.ids.size() && positions.size() < points.size(); ++i) {
    positions.emplace(chosen.ids[i], i);
  }
  for (auto& point : points) {
    const auto found = positions.find(point.at("id"));
    if (found == positions.end()) continue;
    point["position"] = found->second;
    if (!chosen.weights.empty()) point["weight"] = chosen.weights[found->second];
    if (!chosen.distances.empty()) point["distance"] = number(chosen.distances[found->second]);
  }
}

}  // namespace

Json draw_map(const MapRecords& records, const Excerpts& excerpts, const Chosen& chosen, const std::string& vectors,
              std::size_t points) {
  auto sample = with_vector(records.pool, excerpts);
  if (sample.empty()) return nullptr;
  const auto plane = plane_of(sample);
  const auto pool = place(std::move(sample), plane);
  const auto subset = place(with_vector(records.subset, excerpts), plane);
  Range x, y;
  for (const auto* placed : {&pool, &subset}) {
    for (const auto& at : placed->at) {
      x.widen(at[0]);
      y.widen(at[1]);
    }
  }
  Json json{{"vectors", vectors},
            {"method", "PCA"},
            {"explained", plane.explained},
            {"pool_sampled", pool.records.size()},
            {"subset_total", chosen.ids.size()},
            {"density", density(pool, x, y)},
            {"pool", points_of(pool, points)},
            {"subset", points_of(subset, points)}};
  add_choices(chosen, json["subset"]);
  return json;
}

}  // namespace farpoint::jobs
