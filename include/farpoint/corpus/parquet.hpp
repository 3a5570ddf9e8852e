// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/corpus/shape.hpp"

/// Parquet files, by Arrow C++. It lies in a library of its own, lib/libfarpoint_parquet.so, which is loaded when the
/// first file is opened, and which a build may be without.
namespace farpoint::corpus {

/// Why Parquet files can be neither read nor written here, and what to do about it; "" when they can. Loads the library
/// at the first call.
std::string why_no_parquet();

/// Writes records as the rows of a Parquet file (zstd). Not thread-safe.
class ParquetWriter {
 public:
  /// `shape` is that of a ShapeFinder that has seen every record. Throws Error when the file cannot be written, or this
  /// installation has no Parquet.
  ParquetWriter(const std::filesystem::path& path, const Shape& shape);
  ~ParquetWriter();

  /// `json` as ShapeFinder::add() takes it. Keys that a record lacks are null, as those whose value is null. Holds up
  /// to 64 MiB of records.
  void write(std::string_view json);
  /// Call it last: without it the file is not complete.
  void close();

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

/// Reads the rows of a Parquet file as JSON objects (docs/formats.md, "Parquet"). Holds some rows and pages of each
/// column, whatever the size of row groups. Not thread-safe.
class ParquetFile {
 public:
  /// Throws UsageError naming the file when it is no Parquet file, or a damaged one.
  explicit ParquetFile(const std::filesystem::path& path);
  ~ParquetFile();
  ParquetFile(ParquetFile&&) noexcept;

  /// A stretch of rows that are stored together.
  struct Group {
    std::uint64_t rows = 0;
    std::uint64_t begin = 0;  ///< bytes of the file
    std::uint64_t end = 0;
    std::uint64_t bytes = 0;  ///< unpacked
  };
  const std::vector<Group>& groups() const;
  std::uint64_t rows() const;

  /// Goes on with row `row` of the file: reads its group from the front unless it stands in it before that row.
  void seek(std::uint64_t row);
  /// The next row, followed by at least 64 readable bytes; valid until the next call. False at the end. Throws Error
  /// naming the file where it is damaged.
  bool next(std::string_view& json);

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::corpus
