// SPDX-License-Identifier: Apache-2.0
#include "shard_format.hpp"

#include <string>

namespace farpoint::store::shard_format {

namespace {

/// The bytes that the summary checksum is taken of: numbers of 8 bytes, and texts after their length.
class Summary {
 public:
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<char>(number >> shift));
  }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    bytes_.append(text);
  }
  std::uint64_t checksum() const { return hash64(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace

bool is_reserved(const std::string& name) {
  return name == format_attribute || name == version_attribute || name == checksum_attribute;
}

std::uint64_t summary_checksum(const Attributes& attributes, const StoredColumns& columns) {
  Summary summary;
  summary.add(std::uint64_t{attributes.size()});
  for (const auto& [name, value] : attributes) {
    summary.add(name);
    summary.add(value);
  }
  summary.add(std::uint64_t{columns.size()});
  for (const auto& [name, column] : columns) {
    summary.add(name);
    summary.add(column.info.type);
    summary.add(column.info.rows);
    summary.add(std::uint64_t{column.info.width});
    for (const auto checksum : column.checksums) summary.add(checksum);
  }
  return summary.checksum();
}

}  // namespace farpoint::store::shard_format
