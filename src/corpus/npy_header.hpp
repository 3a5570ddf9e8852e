// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "byte_source.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

/// What stands before the values of an .npy file: magic, version, length, and a Python dictionary as text.
struct NpyHeader {
  std::string text;     ///< the dictionary
  std::string element;  ///< NumPy's name of the element type, one of those that NpyFile reads: "<f4"
  std::size_t element_bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t width = 0;         ///< elements of a row; 0 for rank 1
  std::uint64_t header_bytes = 0;  ///< in the file, up to the values

  std::uint64_t row_elements() const { return width == 0 ? 1 : width; }
  std::uint64_t row_bytes() const { return row_elements() * element_bytes; }
};

/// Reads from the front of the file up to its first value. Throws UsageError when the file is not .npy or holds what
/// NpyFile does not read. rows * row_bytes() + header_bytes does not overflow.
NpyHeader read_npy_header(ByteSource& source, const std::filesystem::path& path);

/// The file ends before, or goes on behind, its last row.
UsageError too_short(const std::filesystem::path& path, const NpyHeader& header);
UsageError too_long(const std::filesystem::path& path, const NpyHeader& header);

}  // namespace farpoint::corpus
