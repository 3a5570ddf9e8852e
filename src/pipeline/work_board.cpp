// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/work_board.hpp"

#include <chrono>

namespace farpoint::pipeline {

void WorkBoard::begin_stage(const std::string& stage) {
  const std::lock_guard lock(mutex_);
  const auto steps = entry_.steps + 1;
  entry_ = {};
  entry_.stage = stage;
  entry_.stage_since = seconds_since_epoch();
  entry_.steps = steps;
}

void WorkBoard::note(std::uint64_t done, std::uint64_t total, const std::string& unit, std::uint64_t kept) {
  const std::lock_guard lock(mutex_);
  entry_.done = done;
  entry_.total = total;
  entry_.kept = kept;
  entry_.unit = unit;
  ++entry_.steps;
}

WorkBoard::Entry WorkBoard::read() const {
  const std::lock_guard lock(mutex_);
  return entry_;
}

WorkBoard& work_board() {
  static WorkBoard board;
  return board;
}

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace farpoint::pipeline
