// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::pipeline {

namespace {

using Clock = std::chrono::steady_clock;

/// Ranks ask each other about so often, and at the latest behind so many calls: these may become slower.
constexpr auto ask_every = std::chrono::milliseconds(500);
constexpr int most_calls = 64;

std::string cause(int reason) {
  if (reason == StopRequest::time_is_up) return "at the time limit";
  if (reason == StopRequest::heard_of) return "on request";
  return fmt::format("on {}", signal_name(reason));
}

}  // namespace

StopRequest::StopRequest(comm::Communicator& run, std::optional<double> seconds, Clock::duration patience)
    : patience_(patience), flag_(run.make_flag()) {
  if (seconds)
    deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

int StopRequest::reason() {
  if (const int signal = StopSignals::received(); signal != 0) return signal;
  if (deadline_ && Clock::now() >= *deadline_) return time_is_up;
  return flag_->raised() ? heard_of : none;
}

bool StopRequest::requested() {
  const int why = reason();
  if (why > heard_of) flag_->raise();
  if (why != none) note();
  return why != none;
}

void StopRequest::note() {
  Clock::rep not_yet = 0;
  heard_at_.compare_exchange_strong(not_yet, Clock::now().time_since_epoch().count());
}

void StopRequest::check_piece() {
  if (std::this_thread::get_id() == main_thread_) {
    requested();
  } else if (StopSignals::received() != 0) {
    note();
  }
  const auto heard_at = heard_at_.load();
  if (heard_at != 0 && Clock::now().time_since_epoch() - Clock::duration(heard_at) >= patience_) throw PieceGivenUp();
}

bool StopPoints::wanted() {
  if (skip_ > 0) {
    --skip_;
    return false;
  }
  const auto now = Clock::now();
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - asked_);
  asked_ = now;
  // The slowest rank's time, so that all skip as many.
  std::array<std::int64_t, 2> values{request_.requested() ? 1 : 0, since.count()};
  comm::all_reduce(ranks_, std::span<std::int64_t>(values), comm::Reduction::max);
  const auto pace = std::max<std::int64_t>(values[1] / stride_, 1);
  const auto calls = std::chrono::microseconds(ask_every).count() / pace;
  stride_ = static_cast<int>(std::clamp<std::int64_t>(calls, 1, most_calls));
  skip_ = stride_ - 1;
  return values[0] != 0;
}

void StopPoints::stop() {
  const int reason = comm::all_reduce(ranks_, std::int32_t{request_.reason()}, comm::Reduction::max);
  throw comm::AgreedError(
      fmt::format("stopped {}; what is finished is kept: run the same command again to go on", cause(reason)),
      ExitCode::stopped);
}

void StopPoints::settle(bool left_early) {
  if (comm::all_reduce(ranks_, std::uint8_t{left_early}, comm::Reduction::max) != 0) stop();
}

}  // namespace farpoint::pipeline
