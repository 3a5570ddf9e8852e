// SPDX-License-Identifier: Apache-2.0
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/run_status.hpp"

namespace farpoint::pipeline {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> state_names{"running", "finished", "failed", "stopped"};

std::string when(double seconds) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(static_cast<std::time_t>(seconds)));
}

/// From 1; 0 when it is none of them.
std::size_t number_of(const RunStatus& status, const std::string& stage) {
  for (std::size_t i = 0; i < status.stages.size(); ++i) {
    if (status.stages[i].name == stage) return i + 1;
  }
  return 0;
}

std::string describe(const RunStatus& status, const StageAtWork& stage) {
  auto line = fmt::format("stage {} of {}: {}", number_of(status, stage.name), status.stages.size(), stage.name);
  const auto amount = [&](std::uint64_t count) { return format_amount(static_cast<double>(count), stage.unit); };
  const auto share = stage.share();
  const bool is_finishing = share && *share >= 1;  // such as measuring coverage behind the last pick: nothing counts it
  if (share) {
    const auto done = stage.unit == "bytes" ? amount(stage.done) : format_count(stage.done);
    line += fmt::format(", {:.0f} % ({} of {})", 100 * *share, done, amount(stage.total));
  } else if (stage.done > 0) {
    line += ", " + amount(stage.done);
  }
  if (stage.made() > 0 && !is_finishing) line += fmt::format(", {}/s", format_amount(stage.rate(), stage.unit));
  line += fmt::format(", for {}", format_duration(stage.seconds));
  if (const auto left = stage.seconds_left()) line += fmt::format(", about {} left", format_duration(*left));
  if (is_finishing) line += ", finishing";
  return line + "\n";
}

std::string describe_running(const RunStatus& status, double now) {
  if (status.beats.empty())
    return fmt::format("{}: running, but no rank has said anything yet\n", status.folder.string());
  const auto& first = status.beats.front();
  auto text = fmt::format("{}: running on {} rank{} at {} since {} ({})\n", status.folder.string(), first.ranks,
                          first.ranks == 1 ? "" : "s", first.host, when(first.started),
                          format_duration(std::max(0.0, now - first.started)));
  const auto at_work = status.at_work();
  for (const auto& stage : at_work) text += describe(status, stage);
  if (at_work.empty())
    text += fmt::format("no stage told of yet: each rank reports every {}\n", format_duration(first.period));
  const auto counts = status.activities();
  text += fmt::format("{} computing, {} waiting for other ranks, {} reading or writing files", counts[0], counts[1],
                      counts[2]);
  const auto silent = first.ranks - static_cast<int>(status.beats.size());
  if (silent > 0) text += fmt::format(", {} not heard of", silent);
  text += '\n';
  if (const auto* rank = status.quietest(); rank != nullptr && rank->quiet() > 60) {
    text += fmt::format("rank {} (process {} on {}) has made no progress for {}\n", rank->rank, rank->process,
                        rank->host, format_duration(rank->quiet()));
  }
  const auto oldest = std::min_element(status.beats.begin(), status.beats.end(),
                                       [](const Beat& a, const Beat& b) { return a.written < b.written; });
  if (now - oldest->written > std::max(60.0, 4 * oldest->period)) {
    text += fmt::format("rank {} (process {} on {}) was last heard of {} ago\n", oldest->rank, oldest->process,
                        oldest->host, format_duration(now - oldest->written));
  }
  return text;
}

std::string list_stages(const RunStatus& status) {
  std::string text;
  for (const auto& stage : status.stages) {
    text += fmt::format("  {:<28} ", stage.name);
    if (stage.complete) {
      text += "complete\n";
    } else if (stage.shards > 0 && status.pool_shards > 0) {
      text += fmt::format("{} of {} shards\n", stage.shards, status.pool_shards);
    } else {
      text +=
          stage.shards > 0 ? fmt::format("{} shard{}\n", stage.shards, stage.shards == 1 ? "" : "s") : "not complete\n";
    }
  }
  return text;
}

std::string describe_ended(const RunStatus& status) {
  const bool failed = status.state == RunStatus::State::failed;
  auto text = fmt::format("{}: not running; the last run {}\n", status.folder.string(),
                          failed ? "failed" : "was stopped before its end");
  if (!status.beats.empty()) text += fmt::format("last heard of at {}\n", when(status.beats.front().written));
  if (failed && !status.error.empty()) text += fmt::format("error: {}\n", status.error);
  text += list_stages(status);
  return text + "run the same command again to go on: what is complete, and finished shards, are kept\n";
}

Json stage_json(const RunStatus& status, const StageAtWork& stage) {
  Json json{{"name", stage.name},     {"number", number_of(status, stage.name)},
            {"ranks", stage.ranks},   {"done", stage.done},
            {"total", stage.total},   {"kept", stage.kept},
            {"unit", stage.unit},     {"seconds", stage.seconds},
            {"rate", stage.rate()},   {"share", nullptr},
            {"seconds_left", nullptr}};
  if (const auto share = stage.share()) json["share"] = *share;
  if (const auto left = stage.seconds_left()) json["seconds_left"] = *left;
  return json;
}

}  // namespace

std::string to_json(const RunStatus& status) {
  Json json{{"folder", status.folder.string()}, {"state", state_names[static_cast<std::size_t>(status.state)]}};
  json["at_work"] = Json::array();
  if (status.state == RunStatus::State::running) {
    for (const auto& stage : status.at_work()) json["at_work"].push_back(stage_json(status, stage));
  }
  json["stages"] = Json::array();
  for (const auto& stage : status.stages) {
    json["stages"].push_back({{"name", stage.name}, {"complete", stage.complete}, {"shards", stage.shards}});
  }
  json["pool_shards"] = status.pool_shards;
  json["ranks"] = Json::array();
  for (const auto& beat : status.beats) json["ranks"].push_back(Json::parse(to_json(beat)));
  json["error"] = status.state == RunStatus::State::failed ? Json(status.error) : Json();
  json["summary"] = status.summary ? Json::parse(to_json(*status.summary)) : Json();
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_text(const RunStatus& status, double now) {
  switch (status.state) {
    case RunStatus::State::running:
      return describe_running(status, now);
    case RunStatus::State::finished:
      return fmt::format("{}: finished\n\n{}", status.folder.string(), to_table(*status.summary));
    case RunStatus::State::failed:
    case RunStatus::State::stopped:
      break;
  }
  return describe_ended(status);
}

}  // namespace farpoint::pipeline
