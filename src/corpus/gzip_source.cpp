// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "decompressed_source.hpp"

namespace farpoint::corpus {

namespace {

/// Window of the largest size; 16 asks for the gzip wrapper and its checksum.
constexpr int gzip_window_bits = 15 + 16;

/// A gzip file: one or more members, each a header, deflated data and a checksum.
class GzipSource final : public DecompressedSource {
 public:
  explicit GzipSource(const std::filesystem::path& path) : DecompressedSource(path) {
    if (inflateInit2(&stream_, gzip_window_bits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

 private:
  std::size_t decompress(std::span<char> buffer) override {
    std::size_t filled = 0;
    while (filled < buffer.size() && (in_member_ || start_member())) {
      filled += inflate_into(buffer.subspan(filled));
    }
    return filled;
  }

  /// False at the end of the file. Writers to tapes and block devices pad with zeros; anything else behind a member
  /// must be another one, or records would be lost without a word.
  bool start_member() {
    while (members_ > 0 && !input().empty() && input().front() == '\0') use_up(1);
    if (input().empty()) {
      if (members_ == 0) fail("is empty, not gzip data");
      return false;
    }
    inflateReset(&stream_);
    in_member_ = true;
    return true;
  }

  std::size_t inflate_into(std::span<char> buffer) {
    const std::span<const char> compressed = input();
    if (compressed.empty()) fail("its gzip data are cut off");
    const std::size_t space = std::min<std::size_t>(buffer.size(), std::numeric_limits<uInt>::max());
    // zlib does not write to its input; the pointer is not const for historical reasons only.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream_.avail_in = static_cast<uInt>(compressed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(space);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END) {
      fail(fmt::format("its gzip data are damaged ({}, member {})", stream_.msg ? stream_.msg : "no progress",
                       members_ + 1));
    }
    use_up(compressed.size() - stream_.avail_in);
    if (result == Z_STREAM_END) {
      in_member_ = false;
      ++members_;
    }
    return space - stream_.avail_out;
  }

  z_stream stream_{};
  bool in_member_ = false;
  std::uint64_t members_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_gzip(const std::filesystem::path& path) {
  return std::make_unique<GzipSource>(path);
}

}  // namespace farpoint::corpus
