// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "byte_window.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/parquet.hpp"
#include "npy_header.hpp"
#include "record_splitter.hpp"

namespace farpoint::corpus {

namespace {

/// Small enough to find a record in a section quickly, large enough that a terabyte has few sections.
constexpr std::uint64_t section_bytes = 4U << 20;

bool can_be_cut(const InputFile& file) {
  const bool lines = file.format == Format::jsonl || file.format == Format::txt;
  return lines && file.compression == Compression::none;
}

/// Moves behind the line that the unit before began. False when that line takes the whole unit. Looks no further than
/// the unit's end, so that a line over many units costs each of them no more than its own bytes.
bool go_to_first_line(ByteWindow& window, const ScanUnit& unit) {
  if (unit.begin == 0) return true;
  window.jump(unit.begin - 1);
  do {
    const std::string_view bytes = window.bytes().substr(0, unit.end - window.offset());
    const std::size_t newline = bytes.find('\n');
    if (newline != std::string_view::npos) {
      window.consume(newline + 1);
      return true;
    }
    window.consume(bytes.size());
  } while (window.offset() < unit.end && window.extend());
  return false;
}

std::vector<Section> scan_text(const InputFile& file, const ScanUnit& unit) {
  ByteWindow window(open_bytes(file.path, file.compression));
  if (!go_to_first_line(window, unit)) return {};
  const auto splitter = make_splitter(file, window, {.end = can_be_cut(file) ? unit.end : UINT64_MAX});

  std::vector<Section> sections;
  Section section{.offset = window.offset()};
  std::uint64_t first_line = 1;
  window.start_hash();
  splitter->start(first_line);
  for (RawRecord record;;) {
    const bool found = splitter->next(record);
    if (found) ++section.records;
    section.bytes = window.offset() - section.offset;
    if (found && (section.bytes < section_bytes || !splitter->resumable())) continue;
    section.lines = splitter->line() - first_line;
    section.content = window.take_hash();
    if (section.bytes > 0) sections.push_back(section);
    if (!found) return sections;
    section = {.offset = window.offset()};
    first_line = splitter->line();
  }
}

/// The header is hashed with each section: it says what the bytes mean.
Section scan_rows(const InputFile& file, const NpyHeader& header, std::uint64_t begin, std::uint64_t count,
                  ByteSource& source, std::span<char> buffer) {
  Section section{.offset = header.header_bytes + begin * header.row_bytes(), .records = count, .lines = count};
  section.bytes = count * header.row_bytes();
  Hasher hasher;
  hasher.add(header.text);
  for (std::uint64_t left = section.bytes; left > 0;) {
    const std::span<char> part = buffer.first(std::min<std::uint64_t>(left, buffer.size()));
    if (source.read(part) < part.size()) throw too_short(file.path, header);
    hasher.add_raw({part.data(), part.size()});
    left -= part.size();
  }
  section.content = hasher.digest();
  return section;
}

std::vector<Section> scan_npy(const InputFile& file) {
  const auto source = open_bytes(file.path, file.compression);
  const NpyHeader header = read_npy_header(*source, file.path);
  std::vector<char> buffer(256U << 10);
  std::vector<Section> sections;
  const std::uint64_t rows_per_section = std::max<std::uint64_t>(1, section_bytes / header.row_bytes());
  for (std::uint64_t row = 0; row < header.rows; row += rows_per_section) {
    const std::uint64_t count = std::min(rows_per_section, header.rows - row);
    sections.push_back(scan_rows(file, header, row, count, *source, buffer));
  }
  if (source->read(std::span(buffer).first(1)) > 0) throw too_long(file.path, header);
  return sections;
}

Hash128 hash_range(ByteSource& source, const InputFile& file, std::uint64_t begin, std::uint64_t end,
                   std::span<char> buffer, const Hash128& also) {
  Hasher hasher;
  hasher.add(also);
  source.seek(begin);
  for (std::uint64_t left = end - begin; left > 0;) {
    const std::span<char> part = buffer.first(std::min<std::uint64_t>(left, buffer.size()));
    if (source.read(part) < part.size()) {
      throw Error(fmt::format("{}: became shorter while it was read. Run again", file.path.string()));
    }
    hasher.add_raw({part.data(), part.size()});
    left -= part.size();
  }
  return hasher.digest();
}

/// A section a row group, whose offset is the group's number. What stands behind the last group says what the bytes
/// mean, and is hashed with each.
std::vector<Section> scan_parquet(const InputFile& file) {
  const ParquetFile parquet(file.path);
  const auto source = open_bytes(file.path, Compression::none);
  std::vector<char> buffer(256U << 10);
  std::uint64_t footer = 0;
  for (const auto& group : parquet.groups()) footer = std::max(footer, group.end);
  const auto meaning = hash_range(*source, file, footer, std::max(file.bytes, footer), buffer, {});
  std::vector<Section> sections;
  for (const auto& group : parquet.groups()) {
    Section section{.offset = sections.size(), .records = group.rows, .lines = group.rows};
    section.bytes = group.bytes;
    section.content = hash_range(*source, file, group.begin, group.end, buffer, meaning);
    sections.push_back(section);
  }
  return sections;
}

}  // namespace

std::vector<ScanUnit> plan_scan(std::span<const InputFile> files, std::uint64_t unit_bytes) {
  std::vector<ScanUnit> units;
  for (std::size_t index = 0; index < files.size(); ++index) {
    const InputFile& file = files[index];
    const std::uint64_t step = can_be_cut(file) ? std::max<std::uint64_t>(1, unit_bytes) : file.bytes;
    std::uint64_t begin = 0;
    do {
      const std::uint64_t end = file.bytes - begin > step ? begin + step : file.bytes;
      units.push_back({.file = index, .begin = begin, .end = end});
      begin = end;
    } while (begin < file.bytes);
  }
  return units;
}

std::vector<Section> scan(const InputFile& file, const ScanUnit& unit) {
  if (file.format == Format::npy) return scan_npy(file);
  return file.format == Format::parquet ? scan_parquet(file) : scan_text(file, unit);
}

}  // namespace farpoint::corpus
