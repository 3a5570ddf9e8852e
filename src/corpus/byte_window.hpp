// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "byte_source.hpp"
#include "farpoint/base/hash.hpp"

namespace farpoint::corpus {

/// A window that moves over a file: the bytes that were read and not yet consumed, in one piece.
class ByteWindow {
 public:
  /// Readable bytes behind bytes(); their content is arbitrary.
  static constexpr std::size_t padding = 64;

  explicit ByteWindow(std::unique_ptr<ByteSource> source);

  /// Stays where it is until extend() or jump().
  std::string_view bytes() const { return {buffer_.get() + begin_, end_ - begin_}; }
  /// Of the first of bytes() in the decompressed file.
  std::uint64_t offset() const { return offset_; }

  void consume(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }
  /// Reads more behind bytes(). The window grows only when these fill most of it. False at the end of the file.
  bool extend();
  /// Goes on at `offset`; as ByteSource::seek, which see.
  void jump(std::uint64_t offset);

  /// Hash of the bytes consumed since start_hash() or the last take_hash().
  void start_hash();
  Hash128 take_hash();

 private:
  void hash_consumed();
  void make_room();

  std::unique_ptr<ByteSource> source_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  std::optional<Hasher> hasher_;
  std::size_t hashed_ = 0;  ///< position in the buffer up to which consumed bytes are hashed
};

}  // namespace farpoint::corpus
