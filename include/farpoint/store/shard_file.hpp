// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/store/column.hpp"

/// HDF5 is not thread-safe, so neither is this layer: one thread at a time may call it, for whatever file.
namespace farpoint::store {

/// Facts about a file as text: fingerprint, job, counters. Any bytes, up to 60,000 a fact with its name. Not as names:
/// "format", "format_version" and "checksum", which the shard format uses itself.
using Attributes = std::map<std::string, std::string>;

/// A file whose content is not what was written: cut off, bytes changed, not HDF5. Names the file and the way out.
/// Exit code 2.
class DamagedFile : public UsageError {
 public:
  using UsageError::UsageError;
};

/// Writes a complete shard file: temporary name, checksums, fsync, rename (docs/formats.md, "Shard file"). Creates
/// missing folders. The same content gives the same bytes, in whatever order the columns come. Throws Error naming the
/// file and the reason (a full disk says so); then nothing is left under the final name.
void write_shard(const std::filesystem::path& path, const Attributes& attributes, std::span<const Column> columns);

struct ColumnInfo {
  std::string name;
  std::string type;  ///< as type_name()
  std::uint64_t rows = 0;
  std::size_t width = 0;  ///< as Column::width
};

/// A shard file open for reading. Opening and reading cost one seek a column.
class ShardFile {
 public:
  /// Throws Error when the file cannot be opened, DamagedFile when it is not a whole shard file.
  explicit ShardFile(const std::filesystem::path& path);
  ~ShardFile();
  ShardFile(ShardFile&&) noexcept;
  ShardFile& operator=(ShardFile&&) noexcept;

  const Attributes& attributes() const;
  /// Sorted by name.
  std::vector<ColumnInfo> columns() const;
  bool has(const std::string& name) const;
  /// Reads and checks the whole column. Throws DamagedFile when its checksum is wrong, Error when it does not exist.
  Column read(const std::string& name) const;
  /// Where the values of a column of numbers begin in the file, in bytes; they lie there row by row, little-endian. Of
  /// a column without values: 0. Throws Error when it does not exist.
  std::uint64_t offset_of(const std::string& name) const;
  /// Reads everything once and checks it. Throws DamagedFile.
  void verify() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The attributes of the file at `path` if it is there, whole and undamaged (everything is read and checked). Throws
/// Error only when a file is there but may not be read.
std::optional<Attributes> intact_shard(const std::filesystem::path& path);

}  // namespace farpoint::store
