// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "farpoint/base/stop_signals.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::pipeline {

/// What ends the piece of work at hand when the run does not wait for it. No exception of the standard library, so that
/// nobody takes it for a failure.
struct PieceGivenUp {};

/// Whether the run is to end at a place from which the same command goes on: somebody sent SIGUSR1, SIGTERM or SIGINT
/// to any rank, or the time is up. The rank that knows tells the others. Main thread only but for check_piece().
class StopRequest {
 public:
  /// Then a shard in hand is given up: batch systems allow half a minute from a signal to the end.
  static constexpr std::chrono::seconds usual_patience{15};

  /// `seconds` from now on; unset: no limit. `patience`: how long a piece of work in hand may still take, once this
  /// rank has heard. Collective over the run's ranks, as is destroying it.
  StopRequest(comm::Communicator& run, std::optional<double> seconds,
              std::chrono::steady_clock::duration patience = StopRequest::usual_patience);

  /// As far as this rank has heard, passing on what it alone knows; cheap. For loops of pieces of work that ranks do
  /// not do in step: leave the loop and call StopPoints::settle().
  bool requested();
  /// Any thread, inside a piece of work: throws PieceGivenUp when it has taken too long since the run is to stop. Other
  /// threads than the main one hear only of a signal to this very process, and of what the main thread has heard.
  void check_piece();

  /// Why, as far as this rank knows: a signal's number, or one of these.
  static constexpr int none = 0;
  static constexpr int heard_of = 1;
  static constexpr int time_is_up = 1 << 16;
  int reason();

 private:
  void note();

  StopSignals signals_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  std::chrono::steady_clock::duration patience_;
  std::thread::id main_thread_ = std::this_thread::get_id();
  std::atomic<std::chrono::steady_clock::rep> heard_at_{0};  ///< 0: not yet
  std::unique_ptr<comm::SharedFlag> flag_;
};

/// The places of one job at which its ranks stop together. Each throws, on all ranks of the job, a comm::AgreedError
/// with ExitCode::stopped. All calls are collective over those ranks.
class StopPoints {
 public:
  StopPoints(StopRequest& request, comm::Communicator& ranks) : request_(request), ranks_(ranks) {}

  StopRequest& request() { return request_; }
  bool requested() { return request_.requested(); }
  /// For ranks that work in step: the same answer on all. Called often, it asks only now and then, so it costs little.
  bool wanted();
  [[noreturn]] void stop();
  void point() {
    if (wanted()) stop();
  }
  /// Behind a loop that some ranks may have left before its end.
  void settle(bool left_early);

 private:
  StopRequest& request_;
  comm::Communicator& ranks_;
  int skip_ = 0;  ///< calls of wanted() until the ranks ask each other again
  int stride_ = 1;
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();
};

}  // namespace farpoint::pipeline
