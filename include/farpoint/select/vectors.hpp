// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::select {

/// Rows of float32 numbers that lie elsewhere than in one array: in half precision, or in files.
class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t dimension() const = 0;
  /// Copies row `rows[i]` to scratch[i * dimension()] and on, the same bits every time. Thread-safe. Quickest with rows
  /// in ascending order. Throws Error when rows cannot be read.
  virtual void read(std::span<const std::uint32_t> rows, std::span<float> scratch) const = 0;
};

/// The rows that one rank holds, with their ids. Borrowed: what they are made of must outlive them. Cheap to copy.
class Vectors {
 public:
  Vectors() = default;
  /// `rows`: [ids.size(), dimension], row-major; finite, unit length under cosine. `ids`: ascending; none occurs twice,
  /// on this rank or on another. `dimension`: the same on every rank, also where there are no rows.
  Vectors(std::span<const float> rows, std::span<const std::uint64_t> ids, std::size_t dimension)
      : rows_(rows), ids_(ids), dimension_(dimension) {}
  /// The same of rows that are read when they are needed.
  Vectors(const RowReader& reader, std::span<const std::uint64_t> ids)
      : reader_(&reader), ids_(ids), dimension_(reader.dimension()) {}

  std::size_t size() const { return ids_.size(); }
  std::size_t dimension() const { return dimension_; }
  std::span<const std::uint64_t> ids() const { return ids_; }
  std::uint64_t id(std::size_t row) const { return ids_[row]; }
  /// How many numbers there are: size() * dimension(), unless the caller made a mistake.
  std::size_t numbers() const { return reader_ == nullptr ? rows_.size() : reader_->size() * dimension_; }

  /// True when the rows are an array in memory, so that row() can be called.
  bool in_memory() const { return reader_ == nullptr; }
  std::span<const float> row(std::size_t i) const { return rows_.subspan(i * dimension_, dimension_); }
  /// Only for rows that are not in memory.
  const RowReader& reader() const { return *reader_; }

 private:
  std::span<const float> rows_;
  const RowReader* reader_ = nullptr;
  std::span<const std::uint64_t> ids_;
  std::size_t dimension_ = 0;
};

/// Pointers to some rows of Vectors, with room for those that are not in memory. For one thread.
class RowBlock {
 public:
  /// `capacity`: the most rows it is asked for.
  RowBlock(const Vectors& vectors, std::size_t capacity);

  /// Pointers to these rows; valid until the next call. Allocates nothing.
  std::span<const float* const> load(std::span<const std::uint32_t> rows);
  /// The rows [begin, begin + count).
  std::span<const float* const> load_range(std::size_t begin, std::size_t count);

 private:
  Vectors vectors_;
  std::vector<float> scratch_;  ///< empty when the rows are in memory
  std::vector<const float*> pointers_;
  std::vector<std::uint32_t> range_;
};

}  // namespace farpoint::select
