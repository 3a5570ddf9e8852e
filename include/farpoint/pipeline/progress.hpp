// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::pipeline {

/// How far a job is, on stderr of its communicator's rank 0 (each parallel group has one): count, rate and time left; a
/// bar that is redrawn in place on a terminal, else a line now and then; nothing when the program is to be quiet. Each
/// rank also notes its own part on its work_board(). Construction and destruction are collective.
class ProgressLine {
 public:
  /// `total` is over all ranks, in `unit`.
  ProgressLine(comm::Communicator& comm, std::string job, std::uint64_t total, std::string unit);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  std::uint64_t total() const { return total_; }
  void set_total(std::uint64_t total);
  /// Any rank.
  void add(std::uint64_t amount);
  /// Of what is done, an earlier run did so much, on this rank and on all: it counts for the share, not for the rate.
  void set_kept(std::uint64_t own, std::uint64_t all);
  /// Sets the count directly; for jobs that only rank 0 reports on.
  void show(std::uint64_t done, std::uint64_t total);
  /// Ends this rank's part: waits until all ranks have, calling `meanwhile` now and then; rank 0 goes on showing.
  /// Collective.
  void wait(const std::function<void()>& meanwhile);
  /// The job's last line: "embed-emb  12,000 records  ...". Rank 0 prints.
  void finish(const std::string& result);

  double seconds() const;

 private:
  void draw(std::uint64_t done);
  void note(std::uint64_t done) const;

  comm::Communicator& comm_;
  std::string job_;
  std::string unit_;
  std::uint64_t total_;
  std::uint64_t added_ = 0;     ///< by this rank
  std::uint64_t kept_ = 0;      ///< of that, from an earlier run
  std::uint64_t kept_all_ = 0;  ///< by all ranks
  std::unique_ptr<comm::SharedCounter> done_;
  bool shown_;    ///< not quiet
  bool redrawn_;  ///< in place
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point drawn_;
};

/// What is told of a job that is at work.
struct ProgressState {
  std::string job;
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: unknown
  std::string unit;
  double seconds = 0;      ///< since it began
  std::uint64_t kept = 0;  ///< of `done`, by an earlier run: it took no time
};
/// "embed-emb   1,200 of 9,000 records, 300 records/s, 26 s left": a line of a log.
std::string progress_line(const ProgressState& state);
/// The same with a bar, as much of it as fits into `columns` characters: the bar goes first, then what stands last.
/// `unicode`: with lines, else with characters of ASCII.
std::string progress_bar(const ProgressState& state, std::size_t columns, bool unicode);

/// 1234567 as "1,234,567"; bytes as "1.2 GB".
std::string format_count(std::uint64_t count);
std::string format_amount(double amount, const std::string& unit);
std::string format_duration(double seconds);

}  // namespace farpoint::pipeline
