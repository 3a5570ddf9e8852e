// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/heartbeat.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/pipeline/work_board.hpp"
#include "stall_watch.hpp"

namespace farpoint::pipeline {

namespace {

constexpr double usual_period = 5;
constexpr double writes_a_second = 32;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Processor time of all threads but the calling one, which is the heartbeat's own.
double processor_seconds() {
  return clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

/// Replaces the file, unflushed: what a crash of the machine loses is out of date anyway. Returns the reason when it
/// cannot.
std::string replace_file(const std::filesystem::path& path, const std::string& content) {
  const auto temporary = temporary_name(path);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(temporary.c_str(), "wbe"), &std::fclose);
  if (file == nullptr) return std::strerror(errno);
  const bool written = std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  const int error = errno;
  if (std::fclose(file.release()) == 0 && written && std::rename(temporary.c_str(), path.c_str()) == 0) return "";
  const std::string reason = std::strerror(written ? errno : error);
  std::remove(temporary.c_str());
  return reason;
}

}  // namespace

double beat_period(int ranks, double stall_timeout) {
  const auto period = std::max(usual_period, ranks / writes_a_second);
  return stall_timeout > 0 ? std::min(period, std::max(stall_timeout / 6, 0.1)) : period;
}

Heartbeat::Heartbeat(Setup setup) : setup_(std::move(setup)) {
  beat_.rank = setup_.rank;
  beat_.ranks = setup_.ranks;
  beat_.host = host_name();
  beat_.process = ::getpid();
  beat_.started = seconds_since_epoch();
  beat_.period = beat_period(setup_.ranks, setup_.stall_timeout);
  beat_.stages = std::move(setup_.stages);
  progress_seen_ = observed_ = steady_seconds();
  thread_ = std::thread([this] { work(); });
}

Heartbeat::~Heartbeat() {
  if (ended_) return;
  stop();
  beat_.state = Beat::State::failed;
  observe();
  write();
}

void Heartbeat::finish(Beat::State how) {
  stop();
  if (setup_.rank == 0) {
    beat_.state = how;
    observe();
    write();
    return;
  }
  std::error_code ignored;
  std::filesystem::remove(beat_file(setup_.status, setup_.rank), ignored);
}

void Heartbeat::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  ended_ = true;
}

void Heartbeat::work() {
  // The rank before this one may be named by rank 0 as well: it should be the first to speak.
  const auto timeout = setup_.stall_timeout + (setup_.rank == 0 ? 0 : 2 * beat_.period);
  StallWatch watch(timeout);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    observe();
    write();
    if (setup_.stall_timeout > 0 && writable_) {
      std::vector<Beat> beats;
      if (setup_.rank == 0) {
        beats = read_beats(setup_.status);
      } else if (const auto before = read_beat(setup_.status, setup_.rank - 1)) {
        beats.push_back(*before);
      }
      auto found = watch.look(beats, steady_seconds());
      if (!found && watch.has_seen_enough()) found = find_deadlock(beats, timeout);
      if (found) {
        setup_.stall_timeout = 0;  // once is enough
        setup_.on_stall(*found);
      }
    }
    lock.lock();
    wake_.wait_for(lock, std::chrono::duration<double>(beat_.period), [this] { return stopping_; });
  }
}

void Heartbeat::observe() {
  const auto entry = work_board().read();
  const auto now = steady_seconds();
  const auto changes = activity_changes();
  const auto processor = processor_seconds();
  beat_.activity = current_activity();
  // Waiting for a message burns processor time too. A hundredth is more than what the libraries' own threads use.
  const bool computes = beat_.activity != Activity::communicating && processor - processor_ > 0.01 * (now - observed_);
  if (entry.steps != steps_ || changes != changes_ || computes) progress_seen_ = now;
  steps_ = entry.steps;
  changes_ = changes;
  processor_ = processor;
  observed_ = now;
  beat_.stage = entry.stage;
  beat_.stage_since = entry.stage_since;
  beat_.done = entry.done;
  beat_.total = entry.total;
  beat_.kept = entry.kept;
  beat_.unit = entry.unit;
  beat_.written = seconds_since_epoch();
  beat_.last_progress = beat_.written - (now - progress_seen_);
}

void Heartbeat::write() {
  const auto path = beat_file(setup_.status, setup_.rank);
  const auto reason = replace_file(path, to_json(beat_));
  if (!reason.empty() && writable_) {
    log::warning("{}: cannot write: {}; the run goes on, but 'farpoint status' will not see it", path.string(), reason);
  }
  writable_ = reason.empty();
}

}  // namespace farpoint::pipeline
