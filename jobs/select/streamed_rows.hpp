// SPDX-License-Identifier: Apache-2.0
// jobs/select/streamed_rows.hpp: vectors that are read from the shard files when they are needed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/stored_rows.hpp"

namespace farpoint::jobs {

/// What is done to a vector between the file and the selection: nothing, or unit length, then the rounding of the
/// storage. The same bits every time.
struct RowForm {
  bool normalize = false;
  select::Storage storage = select::Storage::float32;

  /// False when the row has no place: NaN, infinity, or no direction where it needs one.
  bool apply(std::span<float> row) const;
};

/// The first rows are in memory, the others in files. Rows are appended in order.
class StreamedRows final : public select::RowReader {
 public:
  StreamedRows(std::size_t dimension, RowForm form);
  ~StreamedRows() override;
  StreamedRows(const StreamedRows&) = delete;
  StreamedRows& operator=(const StreamedRows&) = delete;

  void append(std::span<const float> row) { resident_.append(row); }
  void reserve(std::size_t rows) { resident_.reserve(rows); }
  /// Rows of a file, in ascending order: `rows` are their numbers there. No append() after it.
  void append_file(const pipeline::ColumnPlace& place, std::span<const std::uint32_t> rows);

  std::size_t size() const override;
  std::size_t dimension() const override { return dimension_; }
  void read(std::span<const std::uint32_t> rows, std::span<float> scratch) const override;

  /// As the selectors take them: in place where all are in memory as float32.
  select::Vectors view(std::span<const std::uint64_t> ids) const;

 private:
  class File;

  /// Rows [first, next piece's first) lie in one file.
  struct Piece {
    std::size_t first = 0;
    std::unique_ptr<File> file;
    std::vector<std::uint32_t> rows;
  };

  void read_piece(const Piece& piece, std::span<const std::uint32_t> rows, float* scratch) const;

  std::size_t dimension_;
  RowForm form_;
  select::StoredRows resident_;
  std::vector<Piece> pieces_;
  std::size_t streamed_ = 0;
};

}  // namespace farpoint::jobs
