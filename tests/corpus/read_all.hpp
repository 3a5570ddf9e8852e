// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/record_reader.hpp"

namespace farpoint::corpus {

/// A RawRecord that owns its text.
struct ReadRecord {
  std::string text;
  std::uint64_t line = 0;
  bool too_large = false;
  bool operator==(const ReadRecord&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const ReadRecord& record) {
  return out << record.line << ": " << (record.too_large ? "(too large)" : record.text);
}

inline constexpr std::uint64_t no_limit = UINT64_MAX;

inline InputFile input_file(const std::filesystem::path& path, Format format) {
  return {
      .path = path, .format = format, .compression = compression_of(path), .bytes = std::filesystem::file_size(path)};
}

inline std::vector<Section> scan_all(const InputFile& file, std::uint64_t unit_bytes = 64U << 20) {
  std::vector<Section> sections;
  for (const ScanUnit& unit : plan_scan({&file, 1}, unit_bytes)) {
    const std::vector<Section> part = scan(file, unit);
    sections.insert(sections.end(), part.begin(), part.end());
  }
  return sections;
}

inline FileIndex index_of(const InputFile& file, std::uint64_t unit_bytes = 64U << 20) {
  return FileIndex(scan_all(file, unit_bytes));
}

inline std::vector<ReadRecord> read_rest(RecordReader& reader) {
  std::vector<ReadRecord> records;
  for (RawRecord record; reader.next(record);) {
    records.push_back({std::string(record.text), record.line, record.too_large});
  }
  return records;
}

inline std::vector<ReadRecord> read_all(const InputFile& file, std::uint64_t limit = no_limit) {
  const FileIndex index = index_of(file);
  RecordReader reader(file, index, limit);
  return read_rest(reader);
}

}  // namespace farpoint::corpus
