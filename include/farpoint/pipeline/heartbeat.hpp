// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "farpoint/base/activity.hpp"

namespace farpoint::pipeline {

/// What a rank says of itself now and then: status/rank-0000.json in the run's folder (docs/formats.md). Times are
/// seconds since 1970 by the rank's own clock.
struct Beat {
  enum class State { working, finished, failed, stopped };

  int rank = 0;
  int ranks = 1;
  std::string host;
  std::int64_t process = 0;
  State state = State::working;
  Activity activity = Activity::computing;
  std::string stage;  ///< "03-embed-emb"; "" before the first
  double stage_since = 0;
  std::uint64_t done = 0;   ///< of the stage, by this rank
  std::uint64_t total = 0;  ///< of the stage, over all ranks; 0: not known
  std::uint64_t kept = 0;   ///< of `done`, by an earlier run
  std::string unit;
  double started = 0;
  double last_progress = 0;
  double written = 0;
  double period = 0;                ///< seconds from one beat to the next
  std::vector<std::string> stages;  ///< all of the run, in order; rank 0's alone has them

  /// Without a sign of progress, in seconds.
  double quiet() const { return written - last_progress; }
};

std::string to_json(const Beat& beat);
/// Nothing when it is no beat.
std::optional<Beat> beat_from_json(const std::string& json);

/// `status` as from RunFolder::status().
std::filesystem::path beat_file(const std::filesystem::path& status, int rank);
/// Nothing when there is none, or none that can be read.
std::optional<Beat> read_beat(const std::filesystem::path& status, int rank);
/// All that are there, in order of rank.
std::vector<Beat> read_beats(const std::filesystem::path& status);
/// Removes the beats of an earlier run. What cannot be removed stays.
void remove_beats(const std::filesystem::path& status);

/// Seconds from one beat to the next: 5, and longer for many ranks, so that a run replaces no more than 32 files a
/// second; shorter where a stall must be found sooner.
double beat_period(int ranks, double stall_timeout);

/// Writes this rank's beats from a thread of its own, and looks at those of others: rank 0 at all, each other rank at
/// the one before it. Nothing here communicates. A folder that cannot be written costs a warning, and then nobody is
/// watched. The thread ends before the destructor returns.
class Heartbeat {
 public:
  struct Setup {
    std::filesystem::path status;
    int rank = 0;
    int ranks = 1;
    double stall_timeout = 0;  ///< seconds; 0: nobody is watched
    std::vector<std::string> stages;
    /// Called by the thread, at most once, with what has stalled; ends the run.
    std::function<void(const std::string&)> on_stall;
  };

  explicit Heartbeat(Setup setup);
  /// Leaves a last beat that says "failed", unless finish() was called.
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// The run has ended in order: ends the thread. Rank 0 leaves a last beat that says how, the others remove theirs.
  void finish(Beat::State how);

 private:
  void work();
  void stop();
  void observe();
  void write();

  Setup setup_;
  Beat beat_;
  bool writable_ = true;
  bool ended_ = false;  ///< the thread has been joined
  std::uint64_t steps_ = 0;
  std::uint64_t changes_ = 0;
  double processor_ = 0;
  double observed_ = 0;       ///< steady clock
  double progress_seen_ = 0;  ///< steady clock
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses the others
};

}  // namespace farpoint::pipeline
