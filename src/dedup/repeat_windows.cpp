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
  candidates_.resize(parts);
}

void RepeatWindows::add(const Hash128& hash, std::uint64_t id, std::uint32_t part) {
  if (ordinal_ == repeat_.size()) repeat_.push_back(false);
  if (range_of(hash.high, rounds_) == round_) {
    candidates_[range_of(key(hash), parts)].push_back({hash, id, part, ordinal_});
  }
  ++ordinal_;
}

/// Takes the candidates and leaves one of equal windows, so that what this rank has a million times is sent once. In
/// ascending order.
std::vector<CandidateWindow> RepeatWindows::first_of_this_rank() {
  std::vector<CandidateWindow> first;
  for (auto& candidates : candidates_) {
    std::sort(candidates.begin(), candidates.end());
    for (const CandidateWindow& candidate : candidates) {
      if (!first.empty() && first.back().hash == candidate.hash) {
        repeat_[candidate.ordinal] = true;
      } else {
        first.push_back(candidate);
      }
    }
    candidates = {};
  }
  return first;
}

void RepeatWindows::end_round(comm::Communicator& comm) {
  const auto first = first_of_this_rank();
  ask_owners(
      comm, std::span(first), [this](const CandidateWindow& candidate) { return key(candidate.hash); }, judge,
      [&](std::size_t i, std::uint8_t is_repeat) {
        if (is_repeat != 0) repeat_[first[i].ordinal] = true;
      });
}

}  // namespace farpoint::dedup
