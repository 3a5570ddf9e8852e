// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

/// Bytes of a file in order, decompressed on the way. Holds a fixed amount of memory.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills `buffer` from the front; fewer bytes than asked for only at the end. Throws Error naming the file when it
  /// cannot be read or its compressed data are damaged or cut off.
  virtual std::size_t read(std::span<char> buffer) = 0;
  /// Goes on at `offset` of the decompressed bytes. Plain files jump; others must read on, and cannot go back
  /// (throws std::logic_error).
  virtual void seek(std::uint64_t offset) = 0;

  struct Progress {
    std::uint64_t stored = 0;  ///< bytes of the file that were used up
    std::uint64_t given = 0;   ///< decompressed bytes that they were
  };
  /// How far reading has come; of plain files, which are what they are, nothing.
  virtual Progress progress() const { return {}; }
};

/// Throws Error naming the file when it cannot be opened.
std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path, Compression compression);

}  // namespace farpoint::corpus
