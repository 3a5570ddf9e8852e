// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

/// Reads NumPy's .npy format, versions 1 to 3 (plain, .gz or .zst): arrays of rank 1 or 2 of booleans, integers, and
/// floats of 2, 4 or 8 bytes, little-endian, C order. Anything else is refused with UsageError that names the file,
/// what was found, and how to save it instead; so are files that are shorter or longer than their header says (several
/// arrays in one file would otherwise be lost but for the first; compressed files show their length when read or
/// scanned). Opening reads the header alone. Not thread-safe.
class NpyFile {
 public:
  NpyFile(const std::filesystem::path& path, Compression compression);
  ~NpyFile();
  NpyFile(NpyFile&&) noexcept;

  std::uint64_t rows() const;
  std::size_t width() const;  ///< row length; 0 for an array of rank 1
  std::uint64_t row_bytes() const;

  /// Rows [begin, begin + count) converted to float32 (rounded once) or float64, row-major. In a compressed file going
  /// back means starting over. `values` holds them exactly (else std::out_of_range, as for rows that the header does
  /// not announce). Throws UsageError when the rows end early.
  void read(std::uint64_t begin, std::uint64_t count, std::span<float> values);
  void read(std::uint64_t begin, std::uint64_t count, std::span<double> values);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::corpus
