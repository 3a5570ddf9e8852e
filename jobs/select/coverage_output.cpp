// SPDX-License-Identifier: Apache-2.0
#include "coverage_output.hpp"

#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "json_number.hpp"

namespace farpoint::jobs {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const select::DistanceSummary& summary) {
  Json json{{"mean", number(summary.mean)}, {"p50", number(summary.p50)}, {"p90", number(summary.p90)},
            {"p95", number(summary.p95)},   {"p99", number(summary.p99)}, {"max", number(summary.max)}};
  json["within"] = Json::array();
  for (const double share : summary.within) json["within"].push_back(number(share));
  return json;
}

Json to_json(const select::GroupCoverage& group) {
  Json json{{"records", group.records}, {"measured", group.measured}, {"chosen", group.chosen}};
  json["subset"] = to_json(group.subset);
  if (group.random) {
    json["random_chosen"] = group.drawn;
    json["random"] = to_json(*group.random);
    json["mean_improvement"] = number(group.mean_improvement());
    json["p95_improvement"] = number(group.p95_improvement());
  }
  return json;
}

}  // namespace

void write_coverage(pipeline::JobContext& context, const select::Coverage& coverage,
                    const std::vector<NamedGrouping>& groupings, const std::vector<select::CurvePoint>& curve) {
  if (context.comm().rank() != 0) return;
  Json json{{"sampled", coverage.is_sampled()}, {"radii", Json::array()}};
  for (const double radius : coverage.radii) json["radii"].push_back(number(radius));
  json["overall"] = to_json(coverage.overall);
  for (std::size_t g = 0; g < groupings.size(); ++g) {
    Json groups = Json::object();
    for (std::size_t i = 0; i < groupings[g].names.size(); ++i) {
      groups[groupings[g].names[i]] = to_json(coverage.groups[g][i]);
    }
    json["by"][groupings[g].by] = std::move(groups);
  }
  json["curve"] = Json::array();
  for (const auto& point : curve) {
    json["curve"].push_back({{"records", point.records},
                             {"mean", number(point.mean)},
                             {"p95", number(point.p95)},
                             {"max", number(point.max)}});
  }
  write_file(context.run_folder() / "coverage.json", json.dump(2) + "\n");
}

}  // namespace farpoint::jobs
