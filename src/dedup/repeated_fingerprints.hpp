// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::dedup {

/// This rank's fingerprints in the order of its texts, and which of them occur again, on whatever rank. 8 bytes for
/// each, and 8 more during find(); a bit afterwards.
class RepeatedFingerprints {
 public:
  /// `repeated`: what is known already.
  void add(std::uint64_t hash, bool repeated) {
    hashes_.push_back(hash);
    repeated_.push_back(repeated);
  }
  std::uint64_t size() const { return repeated_.size(); }

  /// Compares the fingerprints of all ranks; nothing can be added afterwards. Collective.
  void find(comm::Communicator& comm);

  bool is_marked(std::uint64_t i) const { return repeated_[i]; }
  std::uint64_t repeated() const { return count_; }

 private:
  std::deque<std::uint64_t> hashes_;  ///< grows without a copy
  std::vector<bool> repeated_;
  std::uint64_t count_ = 0;
};

}  // namespace farpoint::dedup
