// SPDX-License-Identifier: Apache-2.0
// jobs/export/output_files.hpp: the files of an export: their names, and how they come to be, all or none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/corpus/parquet.hpp"
#include "options.hpp"
#include "split.hpp"

namespace farpoint::jobs {

enum class Container { lines, array, parquet };

/// Of the files of an export that is written to `path`. A folder of datasets has Parquet where this installation can
/// write it. Throws UsageError when the name's ending denies the format, and when Parquet is asked for in vain.
Container container_of(const ExportOptions& options, const std::filesystem::path& path);

struct OutputFile {
  std::string name;      ///< relative to the folder of the export: of `path`, or `path` itself for datasets
  std::size_t part = 0;  ///< of the split
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  ///< of the records as lines of JSON
};

/// Which record goes to which file.
struct Layout {
  std::vector<OutputFile> files;
  std::vector<std::uint32_t> file_of;  ///< of each record
};

/// `sizes`: of each record, as a line of JSON. Without shards a part is one file; a part without records is one too.
Layout lay_out(const ExportOptions& options, const std::filesystem::path& path, Container container,
               const std::optional<Split>& split, const std::vector<std::uint64_t>& sizes);

/// The names of an export without shards, for what must know them before there is a record.
std::vector<std::string> file_names(const ExportOptions& options, const std::filesystem::path& path);

/// The file that lists the others where their number shows only when they are written: beside shards
/// ("subset.files.json"), and in a folder of datasets ("export.json").
std::filesystem::path manifest_of(const ExportOptions& options, const std::filesystem::path& path);

/// The files that a manifest lists, relative to its folder; none where there is no readable one.
std::vector<OutputFile> read_manifest(const std::filesystem::path& manifest);
std::string manifest_text(const Layout& layout, const std::vector<std::string>& parts);

/// Files that are written one after the other in each part, and get their names together. Without commit() nothing is
/// left of them.
class OutputFiles {
 public:
  /// `shape`: of the rows of Parquet files; borrowed, as `layout`.
  OutputFiles(std::filesystem::path folder, Container container, const Layout& layout, const corpus::Shape& shape);
  ~OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  /// The next record of its file.
  void write(std::size_t file, std::string_view line);
  void commit();

  class Writer;

 private:
  std::filesystem::path temporary(std::size_t file) const;
  void open(std::size_t file);
  void close(std::size_t file);

  std::filesystem::path folder_;
  Container container_;
  const Layout& layout_;
  const corpus::Shape& shape_;
  std::vector<std::unique_ptr<Writer>> writers_;  ///< of each file, while it is open
  std::vector<bool> begun_;
  std::vector<std::optional<std::size_t>> open_;  ///< of each part
};

}  // namespace farpoint::jobs
