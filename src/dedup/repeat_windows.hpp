// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::dedup {

/// A window that may be a repeat. In ascending order equal ones stand together, the original first.
struct CandidateWindow {
  Hash128 hash;
  std::uint64_t id = 0;
  std::uint64_t part = 0;
  std::uint64_t ordinal = 0;  ///< among the candidates of this rank; ascending within a text

  friend bool operator<(const CandidateWindow& a, const CandidateWindow& b) {
    // Nearly always enough, and much quicker.
    if (a.hash.high != b.hash.high) return a.hash.high < b.hash.high;
    return std::tie(a.hash.low, a.id, a.part, a.ordinal) < std::tie(b.hash.low, b.id, b.part, b.ordinal);
  }
};

/// Which of the ranks' candidates are repeats. They are compared in rounds, each of them the windows whose hash lies in
/// one of so many ranges; all windows are added in every round, in the same order.
class RepeatWindows {
 public:
  /// What a window takes in its round, with the room that growing arrays need.
  static constexpr std::uint64_t bytes_a_window = 2 * sizeof(CandidateWindow);

  void begin_round(std::uint64_t round, std::uint64_t rounds);
  void add(const Hash128& hash, std::uint64_t id, std::uint32_t part);
  /// Collective.
  void end_round(comm::Communicator& comm);

  std::uint64_t size() const { return repeat_.size(); }
  bool is_marked(std::uint64_t ordinal) const { return repeat_[ordinal]; }

 private:
  /// Parts of the range of hashes, each of which is sorted within the cache.
  static constexpr std::uint64_t parts = 1024;

  /// What spreads the hashes of a round over the 64-bit numbers, in their order.
  std::uint64_t key(const Hash128& hash) const { return hash.high * rounds_; }
  std::vector<CandidateWindow> first_of_this_rank();

  std::uint64_t round_ = 0;
  std::uint64_t rounds_ = 1;
  std::uint64_t ordinal_ = 0;
  std::vector<std::vector<CandidateWindow>> candidates_;  ///< [parts]
  std::vector<bool> repeat_;
};

}  // namespace farpoint::dedup
