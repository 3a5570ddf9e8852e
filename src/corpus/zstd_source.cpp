// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "decompressed_source.hpp"

namespace farpoint::corpus {

namespace {

/// 128 MiB: what zstd itself decodes unless told otherwise, and what one open file may cost.
constexpr int largest_window_log = 27;

/// A zstd file: one or more frames.
class ZstdSource final : public DecompressedSource {
 public:
  explicit ZstdSource(const std::filesystem::path& path)
      : DecompressedSource(path), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, largest_window_log);
  }

 private:
  std::size_t decompress(std::span<char> buffer) override {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos < out.size) {
      const std::span<const char> compressed = input();
      if (compressed.empty() && !in_frame_) {
        if (!any_) fail("is empty, not zstd data");
        break;
      }
      decompress_into(out, compressed);
    }
    return out.pos;
  }

  void decompress_into(ZSTD_outBuffer& out, std::span<const char> compressed) {
    const std::size_t filled = out.pos;
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_isError(result)) fail_decoding(result);
    use_up(in.pos);
    any_ = true;
    in_frame_ = result != 0;
    // Without input the decoder may still hand out what it holds; when it has nothing either, the frame's end is
    // missing.
    if (in_frame_ && compressed.empty() && out.pos == filled) fail("its zstd data are cut off");
  }

  [[noreturn]] void fail_decoding(std::size_t result) const {
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) {
      fail(fmt::format("was compressed with a window of more than {} MiB; compress it again with at most --long={}",
                       1 << (largest_window_log - 20), largest_window_log));
    }
    fail(fmt::format("its zstd data are damaged ({})", ZSTD_getErrorName(result)));
  }

  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  bool in_frame_ = false;
  bool any_ = false;  ///< whether the file has any data
};

}  // namespace

std::unique_ptr<ByteSource> open_zstd(const std::filesystem::path& path) {
  return std::make_unique<ZstdSource>(path);
}

}  // namespace farpoint::corpus
