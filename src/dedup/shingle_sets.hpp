// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/dedup/near.hpp"
#include "farpoint/dedup/shingles.hpp"
#include "scratch_file.hpp"

namespace farpoint::dedup {

/// The sets of shingles of this rank's candidates: on disk, with 16 bytes of memory a candidate.
class ShingleSets {
 public:
  /// Reads each text once. `ids` are ascending.
  ShingleSets(const Shingler& shingler, std::vector<std::uint64_t> ids, TextSource& texts,
              const std::filesystem::path& folder);

  std::span<const std::uint64_t> ids() const { return ids_; }
  /// Of the set of ids()[index], in shingles.
  std::uint64_t size(std::size_t index) const { return ends_[index + 1] - ends_[index]; }
  /// Where an id, which must be there, is among ids().
  std::size_t index_of(std::uint64_t id) const;
  /// `set` has the set's size.
  void read(std::size_t index, std::span<std::uint64_t> set) const;

 private:
  std::vector<std::uint64_t> ids_;
  std::vector<std::uint64_t> ends_;  ///< of the sets in the file, in shingles; the first one is 0
  ScratchFile file_;
};

}  // namespace farpoint::dedup
