// SPDX-License-Identifier: Apache-2.0
#include "byte_source.hpp"

#include <stdexcept>

#include "decompressed_source.hpp"
#include "plain_source.hpp"

namespace farpoint::corpus {

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path, Compression compression) {
  switch (compression) {
    case Compression::none:
      return std::make_unique<PlainSource>(path);
    case Compression::gzip:
      return open_gzip(path);
    case Compression::zstd:
      return open_zstd(path);
  }
  throw std::logic_error("unknown compression");
}

}  // namespace farpoint::corpus
