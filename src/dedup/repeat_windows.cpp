// SPDX-License-Identifier: Apache-2.0
#include "repeat_windows.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "owners.hpp"

namespace farpoint::dedup {

namespace {

/// 1 for all but the first of equal windows.
std::vector<std::uint8_t> judge(std::span<const CandidateWindow> windows) {
  std::vector<std::uint32_t> order(windows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) { return windows[a] < windows[b]; });
  std::vector<std::uint8_t> answers(windows.size(), 0);
  for (std::size_t i = 1; i < order.size(); ++i) {
    answers[order[i]] = windows[order[i]].hash == windows[order[i - 1]].hash ? 1 : 0;
  }
  return answers;
}

}  // namespace

void RepeatWindows::begin_round(std::uint64_t round, std::uint64_t rounds) {
  round_ = round;
  rounds_ = rounds;
  ordinal_ = 0;
}

void RepeatWindows::add(const Hash128& hash, std::uint64_t id, std::uint32_t part) {
  if (ordinal_ == repeat_.size()) repeat_.push_back(false);
  if (range_of(hash.high, rounds_) == round_) candidates_.push_back({hash, id, part, ordinal_});
  ++ordinal_;
}

/// Leaves one of equal windows of this rank: a window that it has a million times is sent once.
void RepeatWindows::mark_repeats_of_this_rank() {
  std::ranges::sort(candidates_);
  std::size_t kept = 0;
  for (const CandidateWindow& candidate : candidates_) {
    if (kept > 0 && candidates_[kept - 1].hash == candidate.hash) {
      repeat_[candidate.ordinal] = true;
    } else {
      candidates_[kept++] = candidate;
    }
  }
  candidates_.resize(kept);
}

void RepeatWindows::end_round(comm::Communicator& comm) {
  mark_repeats_of_this_rank();
  // The hashes of a round lie in one range: times the number of ranges, modulo 2^64, they spread over all numbers.
  ask_owners(
      comm, std::span<const CandidateWindow>(candidates_),
      [this](const CandidateWindow& candidate) { return candidate.hash.high * rounds_; }, judge,
      [this](std::size_t i, std::uint8_t is_repeat) {
        if (is_repeat != 0) repeat_[candidates_[i].ordinal] = true;
      });
  candidates_.clear();
}

}  // namespace farpoint::dedup
