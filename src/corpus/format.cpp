// SPDX-License-Identifier: Apache-2.0
#include "format.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "byte_window.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/corpus/parquet.hpp"
#include "plain_source.hpp"
#include "record_splitter.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

/// The name's ending in lower case: DATA.JSONL.GZ comes from other systems.
std::string ending(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& byte : text) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return text;
}

[[noreturn]] void refuse(const fs::path& path, std::string_view why) {
  throw UsageError(
      fmt::format("{}: {}; supported are .jsonl .ndjson .json .txt .npy, each also .gz or .zst, and .parquet "
                  "(`format: jsonl | json | txt | npy | parquet` settles other names)",
                  path.string(), why));
}

/// Up to the first byte that is not white space; 0 when there is none. A byte order mark is passed over.
char first_byte(ByteWindow& window) {
  skip_byte_order_mark(window);
  do {
    const std::string_view bytes = window.bytes();
    const std::size_t found = bytes.find_first_not_of(" \t\r\n");
    if (found != std::string_view::npos) return bytes[found];
    window.consume(bytes.size());
  } while (window.extend());
  return 0;
}

Format by_content(const fs::path& path, ByteWindow& window) {
  window.extend();
  if (window.bytes().starts_with("\x93NUMPY")) return Format::npy;
  if (window.bytes().starts_with("PAR1")) return Format::parquet;
  const char first = first_byte(window);
  if (first == '[') return Format::json;
  if (first == '{') return Format::jsonl;
  refuse(path, "its format shows neither in its name nor in its content");
}

}  // namespace

Compression compression_of(const fs::path& path) {
  const std::string end = ending(path);
  if (end == ".gz") return Compression::gzip;
  if (end == ".zst") return Compression::zstd;
  return Compression::none;
}

Compression resolve_compression(const fs::path& path) {
  const Compression by_name = compression_of(path);
  if (by_name != Compression::none) return by_name;
  std::array<char, 4> bytes{};
  const std::size_t count = PlainSource(path).read(bytes);
  const std::string_view front(bytes.data(), count);
  if (front.starts_with("\x1f\x8b")) return Compression::gzip;
  if (front.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

namespace {

Format find_format(const fs::path& path, Compression compression) {
  ByteWindow window(open_bytes(path, compression));
  const std::string end = ending(compression_of(path) == Compression::none ? path : path.stem());
  if (end == ".jsonl" || end == ".ndjson") return Format::jsonl;
  if (end == ".txt") return Format::txt;
  if (end == ".npy") return Format::npy;
  if (end == ".json") return first_byte(window) == '[' ? Format::json : Format::jsonl;
  if (end == ".parquet") return Format::parquet;
  return by_content(path, window);
}

}  // namespace

Format resolve_format(const fs::path& path, Compression compression, Format wanted) {
  open_bytes(path, compression);
  const Format format = wanted != Format::automatic ? wanted : find_format(path, compression);
  if (format != Format::parquet) return format;
  if (compression != Compression::none) {
    throw UsageError(
        fmt::format("{}: a Parquet file is compressed inside, and read only as it is; unpack it", path.string()));
  }
  if (const auto why = why_no_parquet(); !why.empty()) throw UsageError(fmt::format("{}: {}", path.string(), why));
  return format;
}

}  // namespace farpoint::corpus
