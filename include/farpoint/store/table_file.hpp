// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "farpoint/store/column.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::store {

using Attribute = std::variant<std::string, double, std::uint64_t>;

/// Writes a table whose columns arrive in blocks and may be of different lengths, such as subset.h5: never more than a
/// block in memory. Texts become variable-length UTF-8 strings, which h5py reads as they are (a NUL byte cannot be
/// held by them: it is written as U+FFFD). The file gets its name with commit(); without it nothing is left.
class TableWriter {
 public:
  explicit TableWriter(const std::filesystem::path& path);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  /// Appends the block's rows to the column of its name, which the first block creates ('/' makes groups).
  void append(const Column& block);
  void set(const std::string& name, const Attribute& value);
  void commit();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Reads any HDF5 file of columns by blocks: subset.h5 as TableWriter or h5py wrote it.
class TableFile {
 public:
  /// Throws Error when it cannot be opened, DamagedFile when it is not a readable HDF5 file.
  explicit TableFile(const std::filesystem::path& path);
  ~TableFile();
  TableFile(TableFile&&) noexcept;
  TableFile& operator=(TableFile&&) noexcept;

  /// Root attributes that are scalar text or numbers.
  std::map<std::string, Attribute> attributes() const;
  /// All datasets, by full name without the leading '/'. Types that Values does not hold are named by their HDF5 class.
  std::vector<ColumnInfo> columns() const;
  bool has(const std::string& name) const;
  /// Rows [begin, begin + count), cut at the end. Throws Error naming file and column.
  Column read(const std::string& name, std::uint64_t begin, std::uint64_t count) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::store
