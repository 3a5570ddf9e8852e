// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/source.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "find_files.hpp"
#include "format.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

void check_column(const SourceSpec& spec, const InputFile& file) {
  const bool vectors = file.format == Format::npy;
  if (vectors && spec.as.empty()) {
    throw UsageError(
        fmt::format("'{}': {} holds vectors and needs the name of the column that they become, e.g. `as: emb`",
                    spec.path, file.path.string()));
  }
  if (!vectors && !spec.as.empty()) {
    throw UsageError(fmt::format("'{}': `as: {}` names a column for vectors, but {} is not an npy file", spec.path,
                                 spec.as, file.path.string()));
  }
}

InputFile describe(const SourceSpec& spec, std::size_t spec_index, const fs::path& path) {
  InputFile file{.path = path, .source = spec.name, .spec = spec_index, .compression = compression_of(path)};
  if (file.source.empty()) file.source = path.filename().string();
  try {
    file.bytes = fs::file_size(path);
    file.format = resolve_format(path, file.compression, spec.format);
  } catch (const fs::filesystem_error& error) {
    throw UsageError(fmt::format("'{}': {}", spec.path, error.what()));
  } catch (const Error& error) {
    throw UsageError(fmt::format("'{}': {}", spec.path, error.what()));
  }
  check_column(spec, file);
  return file;
}

}  // namespace

std::vector<InputFile> resolve(std::span<const SourceSpec> specs, const fs::path& base) {
  std::vector<InputFile> files;
  for (std::size_t index = 0; index < specs.size(); ++index) {
    for (const fs::path& path : find_files(specs[index].path, base)) {
      files.push_back(describe(specs[index], index, path));
    }
  }
  return files;
}

}  // namespace farpoint::corpus
