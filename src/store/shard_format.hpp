// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/store/shard_file.hpp"

/// The parts of a shard file's format that its writer and its reader share (docs/formats.md, "Shard file").
namespace farpoint::store::shard_format {

inline constexpr std::string_view format = "farpoint-shard";
inline constexpr std::uint64_t version = 1;

// Attributes of the root group.
inline const std::string format_attribute = "format";
inline const std::string version_attribute = "format_version";
/// Also of every dataset.
inline const std::string checksum_attribute = "checksum";

/// A text column is a group with this attribute and two datasets.
inline const std::string type_attribute = "type";
inline constexpr std::string_view text_type = "text";

inline std::string bytes_of(const std::string& column) {
  return column + "/bytes";
}
inline std::string offsets_of(const std::string& column) {
  return column + "/offsets";
}

/// Whether the format itself needs the root attribute `name`.
bool is_reserved(const std::string& name);

struct StoredColumn {
  ColumnInfo info;
  std::vector<std::uint64_t> checksums;  ///< of the dataset; of a text column's bytes, then its offsets
};
using StoredColumns = std::map<std::string, StoredColumn>;

/// Of the values as they lie in the file.
template <typename Container>
std::uint64_t checksum(const Container& values) {
  static_assert(std::endian::native == std::endian::little, "files hold little-endian values");
  return hash64(std::as_bytes(std::span(values)));
}

/// Covers what no dataset's checksum does: the attributes, and which columns there are, with type, shape and checksum.
std::uint64_t summary_checksum(const Attributes& attributes, const StoredColumns& columns);

}  // namespace farpoint::store::shard_format
