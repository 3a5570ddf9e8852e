// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "byte_window.hpp"
#include "farpoint/corpus/record_reader.hpp"

namespace farpoint::corpus {

/// Finds one record after the other in a window over a file. Counting the records of a file and reading them go through
/// the same splitter, so that they cannot disagree.
class RecordSplitter {
 public:
  struct Limits {
    std::uint64_t record_bytes = 0;  ///< longer records are passed over without being held
    std::uint64_t end = UINT64_MAX;  ///< lines that begin at this byte or behind it are not read
  };

  virtual ~RecordSplitter() = default;

  /// Begins at the window's offset: the front of the file or, in line `line`, a place where resumable() was true.
  virtual void start(std::uint64_t line) = 0;
  /// As RecordReader::next. Afterwards the record and its separator are consumed.
  virtual bool next(RawRecord& record) = 0;
  /// Whether a splitter can start at the window's offset.
  virtual bool resumable() const = 0;
  /// Number, from 1, of the line at the window's offset.
  virtual std::uint64_t line() const = 0;
};

/// `window` is borrowed. `name` is for error messages.
std::unique_ptr<RecordSplitter> make_line_splitter(ByteWindow& window, RecordSplitter::Limits limits);
std::unique_ptr<RecordSplitter> make_array_splitter(ByteWindow& window, RecordSplitter::Limits limits,
                                                    std::string name);
std::unique_ptr<RecordSplitter> make_splitter(const InputFile& file, ByteWindow& window, RecordSplitter::Limits limits);

/// Consumes a byte order mark at the window's offset.
void skip_byte_order_mark(ByteWindow& window);

}  // namespace farpoint::corpus
