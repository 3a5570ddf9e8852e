// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/file_index.hpp"

#include <algorithm>
#include <utility>

namespace farpoint::corpus {

FileIndex::FileIndex(std::vector<Section> sections) : sections_(std::move(sections)) {
  std::uint64_t line = 1;
  for (const Section& section : sections_) {
    first_record_.push_back(records_);
    first_line_.push_back(line);
    records_ += section.records;
    line += section.lines;
    bytes_ += section.bytes;
  }
}

std::size_t FileIndex::section_of(std::uint64_t record) const {
  // Of several sections that begin with the same number all but the last are without records.
  const auto behind = std::upper_bound(first_record_.begin(), first_record_.end(), record);
  return static_cast<std::size_t>(behind - first_record_.begin()) - 1;
}

FileIndex::Start FileIndex::locate(std::uint64_t record) const {
  if (sections_.empty()) return {};
  const std::size_t index = section_of(record);
  return {.offset = sections_[index].offset, .record = first_record_[index], .line = first_line_[index]};
}

template <typename Visit>
void FileIndex::for_each_part(std::uint64_t begin, std::uint64_t end, Visit visit) const {
  end = std::min(end, records_);
  if (begin >= end) return;
  for (std::size_t index = section_of(begin); index < sections_.size() && first_record_[index] < end; ++index) {
    const std::uint64_t first = first_record_[index];
    const std::uint64_t from = std::max(begin, first) - first;
    const std::uint64_t to = std::min(end - first, sections_[index].records);
    if (from < to) visit(index, from, to);
  }
}

Hash128 FileIndex::fingerprint(std::uint64_t begin, std::uint64_t end) const {
  Hasher hasher;
  for_each_part(begin, end, [&](std::size_t index, std::uint64_t from, std::uint64_t to) {
    const Section& section = sections_[index];
    hasher.add(section.content).add(section.bytes).add(section.records).add(first_line_[index]).add(from).add(to);
  });
  return hasher.digest();
}

std::uint64_t FileIndex::approximate_bytes(std::uint64_t begin, std::uint64_t end) const {
  double bytes = 0;
  for_each_part(begin, end, [&](std::size_t index, std::uint64_t from, std::uint64_t to) {
    const Section& section = sections_[index];
    bytes += static_cast<double>(section.bytes) * static_cast<double>(to - from) / static_cast<double>(section.records);
  });
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace farpoint::corpus
