// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/heartbeat.hpp"
#include "json_whole.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> state_names{"working", "finished", "failed", "stopped"};

/// The number of a name in a list.
template <typename Value, std::size_t count>
Value value_of(const std::array<std::string_view, count>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw Error(fmt::format("'{}' is unknown", name));
  return static_cast<Value>(found - names.begin());
}

/// Ranks, and times that a calendar has: what is shown would otherwise be nonsense, or not be shown at all.
bool is_sensible(const Beat& beat) {
  constexpr double latest = 1e11;  // seconds; the year 5138
  const std::array times{beat.stage_since, beat.started, beat.last_progress, beat.written, beat.period};
  return beat.rank >= 0 && beat.ranks >= 1 &&
         std::all_of(times.begin(), times.end(), [](double time) { return time >= 0 && time <= latest; });
}

bool is_beat_name(const std::string& name) {
  return name.starts_with("rank-") && (name.ends_with(".json") || name.ends_with(".json.tmp"));
}

}  // namespace

std::string to_json(const Beat& beat) {
  Json json{{"rank", beat.rank},
            {"ranks", beat.ranks},
            {"host", beat.host},
            {"process", beat.process},
            {"state", state_names[static_cast<std::size_t>(beat.state)]},
            {"activity", activity_names[static_cast<std::size_t>(beat.activity)]},
            {"stage", beat.stage},
            {"stage_since", beat.stage_since},
            {"done", beat.done},
            {"total", beat.total},
            {"kept", beat.kept},
            {"unit", beat.unit},
            {"started", beat.started},
            {"last_progress", beat.last_progress},
            {"written", beat.written},
            {"period", beat.period}};
  if (!beat.stages.empty()) json["stages"] = beat.stages;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Beat> beat_from_json(const std::string& text) {
  try {
    const auto json = Json::parse(text);
    Beat beat;
    beat.rank = whole_number<int>(json, "rank");
    beat.ranks = whole_number<int>(json, "ranks");
    beat.host = json.at("host");
    beat.process = whole_number<std::int64_t>(json, "process");
    beat.state = value_of<Beat::State>(state_names, json.at("state"));
    beat.activity = value_of<Activity>(activity_names, json.at("activity"));
    beat.stage = json.at("stage");
    beat.stage_since = json.at("stage_since");
    beat.done = whole_number<std::uint64_t>(json, "done");
    beat.total = whole_number<std::uint64_t>(json, "total");
    if (json.contains("kept")) beat.kept = whole_number<std::uint64_t>(json, "kept");  // older programs leave it out
    beat.unit = json.at("unit");
    beat.started = json.at("started");
    beat.last_progress = json.at("last_progress");
    beat.written = json.at("written");
    beat.period = json.at("period");
    if (const auto stages = json.find("stages"); stages != json.end()) beat.stages = *stages;
    if (!is_sensible(beat)) return std::nullopt;
    return beat;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

fs::path beat_file(const fs::path& status, int rank) {
  return status / fmt::format("rank-{:04}.json", rank);
}

std::optional<Beat> read_beat(const fs::path& status, int rank) {
  try {
    return beat_from_json(read_file(beat_file(status, rank)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<Beat> read_beats(const fs::path& status) {
  std::vector<Beat> beats;
  std::error_code error;
  for (fs::directory_iterator entry(status, error), end; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!is_beat_name(name) || name.ends_with(".tmp")) continue;
    try {
      if (const auto beat = beat_from_json(read_file(entry->path()))) beats.push_back(*beat);
    } catch (const Error&) {
      // Its rank has just removed it.
    }
  }
  std::sort(beats.begin(), beats.end(), [](const Beat& a, const Beat& b) { return a.rank < b.rank; });
  return beats;
}

void remove_beats(const fs::path& status) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(status, error), end; !error && entry != end; entry.increment(error)) {
    if (is_beat_name(entry->path().filename().string())) found.push_back(entry->path());
  }
  for (const auto& path : found) fs::remove(path, error);
}

}  // namespace farpoint::pipeline
