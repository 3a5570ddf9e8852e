// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

/// A record as it stands in the file.
struct RawRecord {
  std::string_view text;   ///< the line without its end (a leading byte order mark is dropped), the array element, or
                           ///< the row of a Parquet file as JSON
  std::uint64_t line = 0;  ///< from 1: the line at which it begins, or the row
  /// Longer than the limit: `text` is empty, the record was passed over. White space between an array element and its
  /// comma counts.
  bool too_large = false;
};

/// Reads records [begin, ...) of a jsonl, json, txt or parquet file in order. Memory: a buffer, and up to three times
/// the longest record within the limit. Not thread-safe.
class RecordReader {
 public:
  /// `file` and `index` are borrowed and must outlive the reader. Starts at record 0. Throws Error naming the file when
  /// it cannot be opened, UsageError when a json file is no array.
  RecordReader(const InputFile& file, const FileIndex& index, std::uint64_t max_record_bytes);
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;

  /// Goes on with record `record`. Plain files jump to its section; compressed ones read on, or start over to go back.
  void seek(std::uint64_t record);
  /// False at the end of the file. The text is valid until the next call, and is followed by at least 64 readable
  /// bytes (what simdjson needs). An array that ends without ']' behind a whole element, or behind none, yields a last
  /// record without text, which no parser accepts. Throws UsageError as scan() does, which has met the same first.
  bool next(RawRecord& record);

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::corpus
