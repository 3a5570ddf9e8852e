// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "farpoint/base/version.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::pipeline {

namespace {

using Json = nlohmann::ordered_json;

Json job_json(const JobSummary& job) {
  Json counters = Json::object();
  for (const auto& [name, count] : job.tally.counters) counters[name] = count;
  Json facts = Json::object();
  for (const auto& [name, value] : job.facts) facts[name] = value;
  Json json{{"job", job.job},
            {"as", job.as},
            {"in", job.tally.in},
            {"out", job.tally.out},
            {"rejected", job.tally.rejected},
            {"failed", job.tally.failed},
            {"seconds", job.seconds},
            {"rate", job.rate},
            {"unit", job.unit},
            {"resumed_shards", job.resumed_shards},
            {"counters", counters},
            {"facts", facts}};
  if (!job.examples.empty()) json["examples"] = Json::parse(job.examples);
  return json;
}

}  // namespace

const JobSummary* RunSummary::find(const std::string& job) const {
  const auto entry = std::find_if(jobs.begin(), jobs.end(), [&](const JobSummary& j) { return j.job == job; });
  return entry == jobs.end() ? nullptr : &*entry;
}

std::string to_json(const RunSummary& summary) {
  Json json{{"version", version},       {"ranks", summary.ranks},     {"threads", summary.threads},
            {"device", summary.device}, {"seconds", summary.seconds}, {"pool_records", summary.pool_records},
            {"selected", nullptr},      {"radius", nullptr}};
  if (const auto* select = summary.find("select")) {
    json["selected"] = select->tally.out;
    const auto radius = select->facts.find("radius");
    if (radius != select->facts.end()) json["radius"] = radius->second;
  }
  json["jobs"] = Json::array();
  for (const auto& job : summary.jobs) json["jobs"].push_back(job_json(job));
  return json.dump(2) + "\n";
}

std::string to_table(const RunSummary& summary) {
  auto table = fmt::format("{:<20} {:>13} {:>13} {:>11} {:>9} {:>9}  {}\n", "job", "in", "out", "rejected", "failed",
                           "seconds", "rate");
  for (const auto& job : summary.jobs) {
    const auto name = job.as.empty() ? job.job : job.job + " (" + job.as + ")";
    const auto rate = job.rate > 0             ? format_amount(job.rate, job.unit) + "/s"
                      : job.resumed_shards > 0 ? std::string("kept from before")
                                               : std::string();
    table += fmt::format("{:<20} {:>13} {:>13} {:>11} {:>9} {:>9.2f}  {}\n", name, format_count(job.tally.in),
                         format_count(job.tally.out), format_count(job.tally.rejected), format_count(job.tally.failed),
                         job.seconds, rate);
  }
  table += fmt::format("{} on {} rank{} of {} thread{}\n", format_duration(summary.seconds), summary.ranks,
                       summary.ranks == 1 ? "" : "s", summary.threads, summary.threads == 1 ? "" : "s");
  return table;
}

}  // namespace farpoint::pipeline
