// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace farpoint::corpus {

enum class Format { automatic, jsonl, json, txt, npy, parquet };
enum class Compression { none, gzip, zstd };

/// Which keys of a record hold what, when they are not the usual ones: {"prompt": "q", "response": "a"}. Known names
/// on the left: prompt, response, system, text.
using FieldMap = std::map<std::string, std::string>;

/// One entry of the corpus as the user wrote it.
struct SourceSpec {
  std::string path{};  ///< a file or a glob
  std::string name{};  ///< the records' source; empty: each file's own name
  Format format = Format::automatic;
  std::string as{};  ///< npy: the column that its vectors become
  FieldMap fields{};
};

/// One file of the corpus.
struct InputFile {
  std::filesystem::path path{};
  std::string source{};               ///< name of the records' source
  std::size_t spec = 0;               ///< which SourceSpec it belongs to
  Format format = Format::automatic;  ///< never `automatic` once resolved
  Compression compression = Compression::none;
  std::uint64_t bytes = 0;  ///< size on disk
};

/// By the name's ending.
Compression compression_of(const std::filesystem::path& path);

/// The files of the corpus in order: the specs as listed, a glob's matches by name (bytewise); a path that is the name
/// of a file means that file, whatever glob it also is. Relative paths are relative to `base`. Unless given, formats
/// are resolved by name (.jsonl .ndjson .json .txt .npy .parquet, and .gz .zst behind them), else by content; a .json
/// file that does not start with '[' is read as JSON lines. Compressed data show in the content whatever the name.
/// Throws UsageError naming the pattern when nothing matches, a file cannot be read, its path is not UTF-8, no format
/// fits, an npy source has no `as`, or another one has.
std::vector<InputFile> resolve(std::span<const SourceSpec> specs, const std::filesystem::path& base);

/// A pattern for SourceSpec::path that names the file `path` and no other.
std::string quoted_pattern(const std::string& path);

}  // namespace farpoint::corpus
