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

/// Writes a table (docs/formats.md, "Tables") whose columns arrive in blocks and may be of different lengths, such as
/// subset.h5: never more than a block in memory. Texts become variable-length UTF-8 strings, which h5py reads as they
/// are (a NUL byte cannot be held by them: it is written as U+FFFD). The file gets its name with commit(); without it
/// nothing is left.
class TableWriter {
 public:
  explicit TableWriter(const std::filesystem::path& path);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  // All throw Error naming the file and the reason: a full disk says so.

  /// Appends the block's rows to the column of its name, which the first block creates ('/' makes groups); its length
  /// also decides how the column is cut into chunks. Throws Error naming the column when the block's type or width is
  /// another than before, or when a text is not UTF-8: such texts are never written.
  void append(const Column& block);
  /// Sets an attribute of the root group, again if need be. Text must be UTF-8.
  void set(const std::string& name, const Attribute& value);
  /// Call it last, once.
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

  /// Root attributes that are scalar text or numbers. Negative integers come as double.
  std::map<std::string, Attribute> attributes() const;
  /// All datasets, sorted by full name without the leading '/'. The types are those that hold the stored values without
  /// loss: bool is uint8, int8 to int64 are int64, uint16 is uint32, float16 is float32. What Values cannot hold is
  /// named by its HDF5 class, or its shape.
  std::vector<ColumnInfo> columns() const;
  bool has(const std::string& name) const;
  /// Rows [begin, begin + count), cut at the end; texts without their padding. Throws Error naming file and column when
  /// there is none of this name or its type cannot be held, DamagedFile when it cannot be read.
  Column read(const std::string& name, std::uint64_t begin, std::uint64_t count) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::store
