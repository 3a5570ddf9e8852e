// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plain_source.hpp"

namespace farpoint::corpus {

/// What the decompressors share: the compressed input, and seeking by reading on.
class DecompressedSource : public ByteSource {
 public:
  std::size_t read(std::span<char> buffer) final;
  void seek(std::uint64_t offset) final;
  Progress progress() const final { return {stored_ - input_.size(), position_}; }

 protected:
  explicit DecompressedSource(const std::filesystem::path& path);

  /// Decompresses into `buffer`; fewer bytes than asked for only at the end.
  virtual std::size_t decompress(std::span<char> buffer) = 0;

  /// The compressed bytes that are not used up, read from the file when there are none; empty at its end.
  std::span<const char> input();
  void use_up(std::size_t count) { input_ = input_.subspan(count); }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  PlainSource file_;
  std::vector<char> buffer_;
  std::span<const char> input_;
  std::uint64_t position_ = 0;
  std::uint64_t stored_ = 0;  ///< bytes read from the file
};

std::unique_ptr<ByteSource> open_gzip(const std::filesystem::path& path);
std::unique_ptr<ByteSource> open_zstd(const std::filesystem::path& path);

}  // namespace farpoint::corpus
