// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// What this process is doing, and how long it has been doing what. Only its main thread counts: it is the one that
/// communicates, calls HDF5, and waits for the threads that help it.
namespace farpoint {

enum class Activity : int { computing, communicating, files };
constexpr std::array<std::string_view, 3> activity_names{"computing", "communicating", "files"};

/// Wall seconds by activity.
struct TimeUse {
  double computing = 0;
  double communication = 0;
  double files = 0;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& computing& communication& files;
  }

  double sum() const { return computing + communication + files; }
  /// What is not spent waiting for other ranks.
  double work() const { return computing + files; }
  TimeUse& operator+=(const TimeUse& other);
  friend TimeUse operator-(const TimeUse& after, const TimeUse& before) {
    return {after.computing - before.computing, after.communication - before.communication, after.files - before.files};
  }
};

/// Since the program began. Main thread only.
TimeUse time_use();

/// Any thread: what the main thread is doing now, and how often that has changed: a sign that it goes on.
Activity current_activity();
std::uint64_t activity_changes();

/// The main thread does this for as long as the object lives; computing is what it does without one. One inside another
/// interrupts it, so that no time counts twice. On other threads it does nothing. Costs two readings of the clock.
class ScopedActivity {
 public:
  explicit ScopedActivity(Activity activity);
  ~ScopedActivity();
  ScopedActivity(const ScopedActivity&) = delete;
  ScopedActivity& operator=(const ScopedActivity&) = delete;

 private:
  bool changes_;
  Activity before_ = Activity::computing;
};

}  // namespace farpoint
