// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "farpoint/corpus/parquet.hpp"

namespace farpoint::corpus {

struct ParquetWriter::Implementation {
  virtual ~Implementation() = default;
  virtual void write(std::string_view json) = 0;
  virtual void close() = 0;
};

struct ParquetFile::Implementation {
  virtual ~Implementation() = default;
  virtual const std::vector<Group>& groups() const = 0;
  virtual void seek(std::uint64_t row) = 0;
  virtual bool next(std::string_view& json) = 0;
};

/// What libfarpoint_parquet.so gives: all that needs Arrow, whose start costs 6 ms and 14 MiB. It takes nothing from
/// the program that loads it.
struct ParquetLibrary {
  /// Hash of the headers that both sides use.
  const char* interface;

  std::unique_ptr<ParquetWriter::Implementation> (*writer)(const std::filesystem::path& path, const Shape& shape);
  std::unique_ptr<ParquetFile::Implementation> (*file)(const std::filesystem::path& path);
};

}  // namespace farpoint::corpus
