// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/array.h>

#include <string>

#include "library.hpp"

/// The part of the corpus layer that needs Arrow; it lies in libfarpoint_parquet.so.
namespace farpoint::corpus {

std::unique_ptr<ParquetWriter::Implementation> make_parquet_writer(const std::filesystem::path& path,
                                                                   const Shape& shape);
std::unique_ptr<ParquetFile::Implementation> open_parquet(const std::filesystem::path& path);

/// True where the value is null, or a number that JSON does not have.
bool is_absent(const arrow::Array& array, std::int64_t row);

/// The value as JSON, behind what `out` holds; "null" where it is absent. docs/formats.md, "Parquet", says what becomes
/// of each type.
void append_json(const arrow::Array& array, std::int64_t row, std::string& out);

}  // namespace farpoint::corpus
