// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/run_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/stage_record.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

/// Beats may be late where files take their time to be seen on other machines.
bool is_fresh(const Beat& beat, double now) {
  return beat.state == Beat::State::working && now - beat.written < std::max(30.0, 4 * beat.period);
}

bool is_running(const RunFolder& folder, const std::vector<Beat>& beats, double now) {
  if (is_locked(folder)) return true;
  // Rank 0 holds the lock, and on its own machine that can be seen whatever the file system.
  if (beats.empty() || beats.front().rank != 0 || beats.front().host == host_name()) return false;
  return std::any_of(beats.begin(), beats.end(), [&](const Beat& beat) { return is_fresh(beat, now); });
}

std::vector<std::string> stage_names(const RunFolder& folder, const std::vector<Beat>& beats) {
  if (!beats.empty() && !beats.front().stages.empty()) return beats.front().stages;
  std::vector<std::string> names;
  for (const auto& stage : folder.stages()) names.push_back(stage.filename().string());
  return names;
}

StageStatus stage_status(const RunFolder& folder, const std::string& name) {
  const auto path = folder.stage(name);
  std::error_code error;
  StageStatus stage{name, fs::exists(record_of_stage(path), error), 0};
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const auto file = entry->path().filename().string();
    if (file.starts_with("shard-") && file.ends_with(".h5")) ++stage.shards;
  }
  return stage;
}

/// The last line of level error in a log ("2026-11-30 06:00:00.123 E text"), without time and level.
std::string last_error(const fs::path& log) {
  static constexpr std::string_view mark = " E ";
  std::ifstream lines(log);
  std::string line, found;
  while (std::getline(lines, line)) {
    constexpr std::size_t time_length = 23;
    if (line.size() > time_length && std::string_view(line).substr(time_length).starts_with(mark)) {
      found = line.substr(time_length + mark.size());
    } else if (line.find(std::string(" I farpoint ")) == time_length) {
      found.clear();  // a new run begins
    }
  }
  return found;
}

std::string find_error(const RunFolder& folder, const std::vector<Beat>& beats) {
  for (const auto& beat : beats) {
    if (beat.state != Beat::State::failed) continue;
    auto error = last_error(folder.log(beat.rank));
    if (!error.empty()) return error;
  }
  for (const auto& beat : beats) {
    auto error = last_error(folder.log(beat.rank));
    if (!error.empty()) return error;
  }
  return last_error(folder.log(0));
}

RunStatus::State state_of(const RunStatus& status, const RunFolder& folder, double now) {
  if (is_running(folder, status.beats, now)) return RunStatus::State::running;
  if (fs::exists(folder.summary())) return RunStatus::State::finished;
  const auto stopped = [](const Beat& beat) { return beat.state == Beat::State::stopped; };
  if (std::any_of(status.beats.begin(), status.beats.end(), stopped)) return RunStatus::State::stopped;
  const auto failed = [](const Beat& beat) { return beat.state == Beat::State::failed; };
  const bool any = std::any_of(status.beats.begin(), status.beats.end(), failed);
  return any || !status.error.empty() ? RunStatus::State::failed : RunStatus::State::stopped;
}

std::optional<RunSummary> read_summary(const fs::path& file) {
  try {
    auto summary = summary_from_json(read_file(file));
    for (auto& job : summary.jobs) job.examples.clear();
    return summary;
  } catch (const Error& error) {
    throw UsageError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

}  // namespace

std::optional<double> StageAtWork::share() const {
  if (total == 0 || done > total) return std::nullopt;
  return static_cast<double>(done) / static_cast<double>(total);
}

std::optional<double> StageAtWork::seconds_left() const {
  if (!share() || made() == 0 || done == total) return std::nullopt;  // what follows the last step is not counted
  return seconds * static_cast<double>(total - done) / static_cast<double>(made());
}

std::vector<StageAtWork> RunStatus::at_work() const {
  std::vector<StageAtWork> stages_at_work;
  for (const auto& beat : beats) {
    if (beat.state == Beat::State::finished || beat.state == Beat::State::stopped || beat.stage.empty()) continue;
    const auto same = [&](const StageAtWork& stage) { return stage.name == beat.stage; };
    auto stage = std::find_if(stages_at_work.begin(), stages_at_work.end(), same);
    if (stage == stages_at_work.end()) {
      stage = stages_at_work.emplace(stage);
      stage->name = beat.stage;
    }
    stage->done += beat.done;
    stage->kept += beat.kept;
    stage->total = std::max(stage->total, beat.total);
    if (stage->unit.empty()) stage->unit = beat.unit;
    stage->seconds = std::max(stage->seconds, beat.written - beat.stage_since);
    ++stage->ranks;
  }
  return stages_at_work;
}

const Beat* RunStatus::quietest() const {
  const Beat* found = nullptr;
  for (const auto& beat : beats) {
    if (beat.state != Beat::State::working || beat.activity == Activity::communicating) continue;
    if (found == nullptr || beat.quiet() > found->quiet()) found = &beat;
  }
  return found;
}

std::array<int, activity_names.size()> RunStatus::activities() const {
  std::array<int, activity_names.size()> counts{};
  for (const auto& beat : beats) ++counts[static_cast<std::size_t>(beat.activity)];
  return counts;
}

RunStatus read_status(const fs::path& path, double now) {
  const RunFolder folder{path};
  RunStatus status;
  status.folder = path;
  status.beats = read_beats(folder.status());
  // A configuration alone may be the user's own.
  if (status.beats.empty() && !(fs::exists(folder.config()) && fs::is_directory(path / "stages"))) {
    throw UsageError(
        fmt::format("{}: this is not the folder of a run: it has no config.yaml with stages beside it", path.string()));
  }
  for (const auto& name : stage_names(folder, status.beats)) status.stages.push_back(stage_status(folder, name));
  if (!status.stages.empty() && status.stages.front().complete) {
    const auto keys = recorded_shards(folder.stage(status.stages.front().name));
    if (keys) status.pool_shards = keys->at(0).size();
  }
  status.error = find_error(folder, status.beats);
  status.state = state_of(status, folder, now);
  if (status.state == RunStatus::State::finished) status.summary = read_summary(folder.summary());
  return status;
}

}  // namespace farpoint::pipeline
