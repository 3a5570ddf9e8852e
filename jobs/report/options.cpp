// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "labels.hpp"
#include "output_path.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// A value of the pipeline's select, such as "vectors" or "quota.by"; "" when it has none.
std::string select_value(const Config& config, std::initializer_list<const char*> keys) {
  for (const auto& group : config.pipeline) {
    for (const auto& entry : group) {
      if (entry.job != "select") continue;
      const Node* node = &entry.options;
      for (const auto* key : keys) node = node == nullptr ? nullptr : node->find(key);
      return node == nullptr ? "" : node->text;
    }
  }
  return "";
}

std::vector<std::string> columns_of(const JobSetup& setup, ColumnSpec::Kind kind) {
  std::vector<std::string> names;
  for (const auto& column : setup.columns) {
    if (column.kind == kind && column.in_pool) names.push_back(column.name);
  }
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Fields<ReportOptions> ReportOptions::fields() {
  using R = ReportOptions;
  return {
      option("path", &R::path, "relative to the run's folder"),
      option("vectors", &R::vectors, "the vector column of the map; unset: that of select, else the first one"),
      option("by", &R::by,
             "what the long tail is told by, beside the source: columns, and record.KEY for a key of the records; "
             "unset: what the quota of select is by"),
      option("points", &R::points, "so many records of the pool, and of the subset, are points of the map"),
      option("examples", &R::examples, "so many records are shown of each kind: farthest, nearest, removed, groups")};
}

ReportOptions checked(ReportOptions options, const Node& where, const JobSetup& setup) {
  constexpr std::uint64_t most_points = 20'000, most_examples = 100;
  check_bounds(where.place_of("points"), "report.points", options.points, 0, most_points);
  check_bounds(where.place_of("examples"), "report.examples", options.examples, 0, most_examples);
  options.path = checked_output("report.path", options.path, where.place_of("path"), *setup.config);
  const auto vectors = columns_of(setup, ColumnSpec::Kind::vector);
  if (!options.vectors.empty() && !contains(vectors, options.vectors)) {
    throw ConfigError(where.place_of("vectors"), fmt::format("'report.vectors': there is no vector column '{}'{}",
                                                             options.vectors, suggestion(options.vectors, vectors)));
  }
  if (options.vectors.empty()) options.vectors = select_value(*setup.config, {"vectors"});
  // A select without vectors names none, and what stands in another branch may not be there.
  if (!contains(vectors, options.vectors)) options.vectors = vectors.empty() ? "" : vectors.front();
  if (options.by.empty()) {
    const auto label = select_value(*setup.config, {"quota", "by"});
    if (!label.empty() && label != "source") options.by.push_back(label);
  }
  const auto scalars = columns_of(setup, ColumnSpec::Kind::scalar);
  for (const auto& by : options.by) {
    if (is_label_of_records(by) || contains(scalars, by)) continue;
    throw ConfigError(where.place_of("by"),
                      fmt::format("'report.by': there is no column '{}'{}; write record.KEY for a "
                                  "key of the records",
                                  by, suggestion(by, scalars)));
  }
  return options;
}

}  // namespace farpoint::jobs
