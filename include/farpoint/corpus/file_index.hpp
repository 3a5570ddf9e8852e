// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/corpus/source.hpp"

/// Where the records of a file lie. Every non-blank line, array element, npy or Parquet row is a record, readable or
/// not.
/// A first pass over the corpus finds this (at the speed of reading), so that afterwards any rank can read any range.
namespace farpoint::corpus {

/// A part of a file that one rank scans. Uncompressed jsonl and txt are cut into byte ranges; other files are one part.
struct ScanUnit {
  std::size_t file = 0;     ///< index into the list of files
  std::uint64_t begin = 0;  ///< bytes
  std::uint64_t end = 0;
};

/// A stretch of whole records. The sections of a file follow each other without gaps (those of an npy file behind its
/// header), so blank lines and white space are in one, too. Plain values: ranks send them to each other.
struct Section {
  std::uint64_t offset = 0;   ///< decompressed byte at which it begins; of Parquet: number of its row group
  std::uint64_t records = 0;  ///< 0 where a unit holds blank lines only
  std::uint64_t lines = 0;    ///< line ends in it, blank lines counted; of npy and Parquet: rows
  std::uint64_t bytes = 0;    ///< decompressed bytes
  Hash128 content{};          ///< of its bytes; of npy and Parquet: of the file's header or footer, too
};

/// At least one unit a file.
std::vector<ScanUnit> plan_scan(std::span<const InputFile> files, std::uint64_t unit_bytes = 64U << 20);

/// Records that *begin* in the unit; a line that begins there and ends behind it belongs to it. Sections of about 4
/// MiB; their hashes depend on how the file was cut, what is read does not. Memory: a buffer, whatever the length of a
/// line. Throws Error naming the file when it cannot be read, UsageError when it is not of its format (a json file that
/// is no array, an npy file that NpyFile refuses), and naming file and line when an array's element is damaged so that
/// it may hide other records, or something stands behind the array.
std::vector<Section> scan(const InputFile& file, const ScanUnit& unit);

/// The sections of a whole file in order, with the sums before each.
class FileIndex {
 public:
  FileIndex() = default;
  explicit FileIndex(std::vector<Section> sections);

  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return bytes_; }

  struct Start {
    std::uint64_t offset = 0;  ///< decompressed byte
    std::uint64_t record = 0;  ///< number, from 0, of the first record at or behind `offset`
    std::uint64_t line = 1;    ///< number, from 1, of the line at `offset`
  };
  /// Start of the section that holds record `record`; of the last one when there is no such record. O(log sections).
  Start locate(std::uint64_t record) const;
  /// Hash over the sections that hold records [begin, end), their line numbers and the places of these records in them:
  /// it changes when any of their bytes or their positions do. O(sections in the range).
  Hash128 fingerprint(std::uint64_t begin, std::uint64_t end) const;
  /// Of the records [begin, end): for sharing out work.
  std::uint64_t approximate_bytes(std::uint64_t begin, std::uint64_t end) const;

 private:
  std::size_t section_of(std::uint64_t record) const;
  /// visit(section, from, to) for each section that holds records of the range, which are its records [from, to).
  template <typename Visit>
  void for_each_part(std::uint64_t begin, std::uint64_t end, Visit visit) const;

  std::vector<Section> sections_;
  std::vector<std::uint64_t> first_record_;
  std::vector<std::uint64_t> first_line_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace farpoint::corpus
