// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "farpoint/base/error.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "json_whole.hpp"

namespace farpoint::pipeline {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest_level = 100;

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
            {"time",
             {{"computing", job.time.computing}, {"communication", job.time.communication}, {"files", job.time.files}}},
            {"imbalance", job.imbalance},
            {"resumed_shards", job.resumed_shards},
            {"counters", counters},
            {"facts", facts}};
  if (!job.examples.empty()) json["examples"] = Json::parse(job.examples);
  return json;
}

JobSummary job_from_json(const Json& json) {
  JobSummary job;
  job.job = json.at("job");
  job.as = json.at("as");
  const auto count = whole_number<std::uint64_t>;
  job.tally = {count(json, "in"), count(json, "out"), count(json, "rejected"), count(json, "failed"), 0, {}};
  const auto& counters = json.at("counters");
  for (const auto& [name, value] : counters.items()) job.tally.counters[name] = count(counters, name);
  job.seconds = json.at("seconds");
  job.rate = json.at("rate");
  job.unit = json.at("unit");
  job.resumed_shards = count(json, "resumed_shards");
  job.facts = json.at("facts");
  if (const auto examples = json.find("examples"); examples != json.end()) job.examples = examples->dump();
  // Summaries of older versions say nothing of where the time went.
  if (const auto time = json.find("time"); time != json.end()) {
    job.time = {time->at("computing"), time->at("communication"), time->at("files")};
    job.imbalance = json.at("imbalance");
  }
  return job;
}

/// nlohmann writes what is nested by recursion, and sets no bound on the depth.
Json parse(std::string_view text) {
  return Json::parse(text, [](int depth, Json::parse_event_t, const Json&) {
    if (depth > deepest_level) throw Error(fmt::format("more than {} levels of JSON", deepest_level));
    return true;
  });
}

/// Where the time of a job went, as columns of the table: "81 %  12 %   7 %    0.05".
std::string shares(const JobSummary& job) {
  const auto percent = [&](double seconds) {
    return fmt::format("{:.0f} %", job.time.sum() > 0 ? 100 * seconds / job.time.sum() : 0.0);
  };
  return fmt::format(" {:>9} {:>8} {:>6} {:>9.2f}", percent(job.time.computing), percent(job.time.communication),
                     percent(job.time.files), job.imbalance);
}

}  // namespace

void add_times(JobSummary& summary, std::span<const TimeUse> ranks) {
  TimeUse sum;
  double longest = 0;
  for (const auto& rank : ranks) {
    sum += rank;
    longest = std::max(longest, rank.work());
  }
  const auto count = static_cast<double>(ranks.size());
  summary.time = {sum.computing / count, sum.communication / count, sum.files / count};
  const auto mean = summary.time.work();
  summary.imbalance = ranks.size() > 1 && mean > 0 ? longest / mean - 1 : 0;
  summary.rank_times.assign(ranks.begin(), ranks.end());
}

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

RunSummary summary_from_json(std::string_view text) {
  try {
    const auto json = parse(text);
    RunSummary summary;
    summary.ranks = whole_number<int>(json, "ranks");
    summary.threads = whole_number<int>(json, "threads");
    summary.device = json.at("device");
    summary.seconds = json.at("seconds");
    summary.pool_records = whole_number<std::uint64_t>(json, "pool_records");
    for (const auto& job : json.at("jobs")) summary.jobs.push_back(job_from_json(job));
    return summary;
  } catch (const Json::exception& error) {
    throw Error(fmt::format("this is not the summary of a run: {}", error.what()));
  }
}

std::string rank_times_to_lines(const RunSummary& summary) {
  std::string lines;
  for (const auto& job : summary.jobs) {
    Json ranks = Json::array();
    for (const auto& time : job.rank_times) ranks.push_back({time.computing, time.communication, time.files});
    lines += Json{{"job", job.job}, {"as", job.as}, {"ranks", ranks}}.dump() + "\n";
  }
  return lines;
}

void add_rank_times(std::string_view lines, RunSummary& summary) {
  try {
    while (!lines.empty()) {
      const auto end = std::min(lines.find('\n'), lines.size());
      const auto json = parse(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
      const auto& name = json.at("job").get_ref<const std::string&>();
      const auto& as = json.at("as").get_ref<const std::string&>();
      for (auto& job : summary.jobs) {
        if (job.job != name || job.as != as) continue;
        job.rank_times.clear();
        for (const auto& rank : json.at("ranks")) job.rank_times.push_back({rank.at(0), rank.at(1), rank.at(2)});
      }
    }
  } catch (const Json::exception& error) {
    throw Error(fmt::format("these are not the times of a run's ranks: {}", error.what()));
  }
}

std::string to_table(const RunSummary& summary) {
  // One rank alone waits for nobody.
  const bool several = summary.ranks > 1;
  auto table = fmt::format(
      "{:<20} {:>13} {:>13} {:>11} {:>9} {:>9}{}  {}\n", "job", "in", "out", "rejected", "failed", "seconds",
      several ? fmt::format(" {:>9} {:>8} {:>6} {:>9}", "computing", "waiting", "files", "imbalance") : "", "rate");
  for (const auto& job : summary.jobs) {
    const auto name = job.as.empty() ? job.job : job.job + " (" + job.as + ")";
    const auto rate = job.rate > 0             ? format_amount(job.rate, job.unit) + "/s"
                      : job.resumed_shards > 0 ? std::string("kept from before")
                                               : std::string();
    table += fmt::format("{:<20} {:>13} {:>13} {:>11} {:>9} {:>9.2f}{}  {}\n", name, format_count(job.tally.in),
                         format_count(job.tally.out), format_count(job.tally.rejected), format_count(job.tally.failed),
                         job.seconds, several ? shares(job) : "", rate);
  }
  table += fmt::format("{} on {} rank{} of {} thread{}\n", format_duration(summary.seconds), summary.ranks,
                       summary.ranks == 1 ? "" : "s", summary.threads, summary.threads == 1 ? "" : "s");
  return table;
}

}  // namespace farpoint::pipeline
