// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace farpoint::pipeline {

/// What this rank is at, as its heartbeat tells it. Thread-safe.
class WorkBoard {
 public:
  struct Entry {
    std::string stage;        ///< "03-embed-emb"; "" before the first
    double stage_since = 0;   ///< seconds since 1970
    std::uint64_t done = 0;   ///< of this stage, by this rank
    std::uint64_t total = 0;  ///< of this stage, over all ranks; 0: not known
    std::uint64_t kept = 0;   ///< of `done`, by an earlier run
    std::string unit;
    std::uint64_t steps = 0;  ///< how often anything was noted
  };

  void begin_stage(const std::string& stage);
  void note(std::uint64_t done, std::uint64_t total, const std::string& unit, std::uint64_t kept = 0);
  Entry read() const;

 private:
  mutable std::mutex mutex_;
  Entry entry_;
};

/// The board of this process.
WorkBoard& work_board();

/// Wall clock, in seconds since 1970.
double seconds_since_epoch();

}  // namespace farpoint::pipeline
