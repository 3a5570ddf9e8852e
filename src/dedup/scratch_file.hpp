// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace farpoint::dedup {

/// A file without a name, gone with the process: for what does not fit into memory.
class ScratchFile {
 public:
  /// Makes the folder where it is missing. Throws Error naming it.
  explicit ScratchFile(std::filesystem::path folder);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  std::uint64_t size() const { return size_; }
  /// Not buffered. Throws Error naming the folder and the reason, e.g. a full disk.
  void append(std::span<const std::byte> bytes);
  /// Thread-safe.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace farpoint::dedup
