// SPDX-License-Identifier: Apache-2.0
#include "stall_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/pipeline/progress.hpp"

namespace farpoint::pipeline {

namespace {

std::string place(const Beat& beat) {
  return beat.stage.empty() ? "before the first job" : "in " + beat.stage;
}

std::string_view doing(Activity activity) {
  switch (activity) {
    case Activity::computing:
      return "computing";
    case Activity::communicating:
      return "waiting for other ranks";
    case Activity::files:
      return "reading or writing files";
  }
  return "working";
}

std::string name(const Beat& beat) {
  return fmt::format("rank {} (process {} on {})", beat.rank, beat.process, beat.host);
}

}  // namespace

std::optional<std::string> StallWatch::judge(const Beat& beat, double now) const {
  const auto silent = now - seen_.at(beat.rank).at;
  if (silent > timeout_) {
    return fmt::format("{} has given no sign of life for {}; it was {} {}", name(beat), format_duration(silent),
                       doing(beat.activity), place(beat));
  }
  // Who waits for others is not to blame.
  if (beat.activity == Activity::communicating || beat.quiet() <= timeout_) return std::nullopt;
  return fmt::format("{} has neither made progress nor used its processors for {} while {} {}", name(beat),
                     format_duration(beat.quiet()), doing(beat.activity), place(beat));
}

std::optional<std::string> StallWatch::look(const std::vector<Beat>& beats, double now) {
  // Whoever stopped this process (a suspended job, a laptop that slept) may have stopped the others as well.
  if (!last_look_ || now - *last_look_ > timeout_ / 2) {
    seen_.clear();
    began_ = now;
  }
  last_look_ = now;
  std::string found;
  for (const auto& beat : beats) {
    auto& seen = seen_.try_emplace(beat.rank, Seen{beat.written, now}).first->second;
    if (seen.written != beat.written) seen = {beat.written, now};
    if (beat.state != Beat::State::working) continue;
    if (const auto stalled = judge(beat, now)) found += (found.empty() ? "" : "; ") + *stalled;
  }
  if (found.empty()) return std::nullopt;
  return found;
}

std::optional<std::string> find_deadlock(const std::vector<Beat>& beats, double timeout) {
  if (beats.empty() || beats.size() != static_cast<std::size_t>(beats.front().ranks)) return std::nullopt;
  const auto waits = [&](const Beat& beat) {
    return beat.state == Beat::State::working && beat.activity == Activity::communicating && beat.quiet() > timeout;
  };
  if (!std::all_of(beats.begin(), beats.end(), waits)) return std::nullopt;
  std::vector<std::string> stages;
  for (const auto& beat : beats) {
    if (std::find(stages.begin(), stages.end(), place(beat)) == stages.end()) stages.push_back(place(beat));
  }
  std::string list;
  for (const auto& stage : stages) list += (list.empty() ? "" : ", ") + stage;
  return fmt::format("all ranks have been waiting for each other for {}, {}", format_duration(beats.front().quiet()),
                     list);
}

}  // namespace farpoint::pipeline
