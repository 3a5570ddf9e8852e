// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "scratch_file.hpp"

namespace farpoint::dedup {

/// The hashes of all bands of all added records, written by record and read by band; on disk but for a block.
class BandFile {
 public:
  BandFile(std::size_t bands, const std::filesystem::path& folder) : file_(folder), waiting_(bands) {}

  std::size_t bands() const { return waiting_.size(); }
  std::uint64_t records() const { return written_ + waiting_.front().size(); }
  /// hashes: [records, bands].
  void add(std::span<const std::uint64_t> hashes);
  /// Calls visit(first, hashes of the records from there on) for all records, in order.
  void visit(std::size_t band,
             const std::function<void(std::size_t first, std::span<const std::uint64_t>)>& visit) const;

 private:
  static constexpr std::size_t block_records = std::size_t{1} << 16;
  void write_block();

  ScratchFile file_;
  std::uint64_t written_ = 0;                        ///< records in the file: whole blocks
  std::vector<std::vector<std::uint64_t>> waiting_;  ///< [bands], of the last, unfinished block
};

}  // namespace farpoint::dedup
