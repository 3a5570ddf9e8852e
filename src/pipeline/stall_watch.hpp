// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/heartbeat.hpp"

namespace farpoint::pipeline {

/// Finds ranks that have stalled by their heartbeats. Clocks of other machines are never compared with this one's: a
/// rank tells itself how long it has been quiet, and whether its heartbeat goes on is seen by its changing.
class StallWatch {
 public:
  /// `timeout` in seconds; at least a few periods of the beats.
  explicit StallWatch(double timeout) : timeout_(timeout) {}

  /// What has stalled, to stand in an error; nothing while all is well. `beats` are those of the watched ranks, `now`
  /// is in seconds of a clock that never jumps.
  std::optional<std::string> look(const std::vector<Beat>& beats, double now);
  /// Whether it has looked for the whole timeout, undisturbed: beats of before say nothing of now.
  bool has_seen_enough() const { return last_look_ && *last_look_ - began_ >= timeout_; }

 private:
  struct Seen {
    double written;
    double at;  ///< when it was new
  };

  std::optional<std::string> judge(const Beat& beat, double now) const;

  double timeout_;
  double began_ = 0;
  std::optional<double> last_look_;
  std::map<int, Seen> seen_;
};

/// "all ranks have been waiting for each other ...": nothing unless that is so. `beats` are those of all ranks.
std::optional<std::string> find_deadlock(const std::vector<Beat>& beats, double timeout);

}  // namespace farpoint::pipeline
