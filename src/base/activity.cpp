// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/activity.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>

namespace farpoint {

namespace {

using Clock = std::chrono::steady_clock;

// Written by the main thread alone, so that nothing here needs a lock.
std::atomic<Activity> current = Activity::computing;
std::atomic<std::uint64_t> changes = 0;
Clock::time_point since = Clock::now();
std::array<Clock::duration, activity_names.size()> spent{};

bool on_main_thread() {
  static thread_local const bool main = gettid() == getpid();
  return main;
}

void charge() {
  const auto now = Clock::now();
  spent[static_cast<std::size_t>(current.load(std::memory_order_relaxed))] += now - since;
  since = now;
}

void change_to(Activity activity) {
  charge();
  current.store(activity, std::memory_order_relaxed);
  changes.store(changes.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

double seconds_of(Activity activity) {
  return std::chrono::duration<double>(spent[static_cast<std::size_t>(activity)]).count();
}

}  // namespace

TimeUse& TimeUse::operator+=(const TimeUse& other) {
  computing += other.computing;
  communication += other.communication;
  files += other.files;
  return *this;
}

TimeUse time_use() {
  charge();
  return {seconds_of(Activity::computing), seconds_of(Activity::communicating), seconds_of(Activity::files)};
}

Activity current_activity() {
  return current.load(std::memory_order_relaxed);
}

std::uint64_t activity_changes() {
  return changes.load(std::memory_order_relaxed);
}

ScopedActivity::ScopedActivity(Activity activity) : changes_(on_main_thread() && current_activity() != activity) {
  if (!changes_) return;
  before_ = current_activity();
  change_to(activity);
}

ScopedActivity::~ScopedActivity() {
  if (changes_) change_to(before_);
}

}  // namespace farpoint
