// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/source.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "farpoint/base/error.hpp"
#include "farpoint/corpus/record.hpp"
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

/// For a message: bytes that are not ASCII, or no characters, as \xHH.
std::string escaped(std::string_view text) {
  std::string shown;
  for (const char byte : text) {
    if (byte >= ' ' && byte <= '~') {
      shown += byte;
    } else {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return shown;
}

/// Paths stand in files that are UTF-8: of shards, of rejects.
void check_name(const SourceSpec& spec, const fs::path& path) {
  if (is_valid_utf8(path.native())) return;
  throw UsageError(
      fmt::format("'{}': the name of {} is not UTF-8; rename it", escaped(spec.path), escaped(path.native())));
}

InputFile describe(const SourceSpec& spec, std::size_t spec_index, const fs::path& path) {
  check_name(spec, path);
  InputFile file{.path = path, .source = spec.name, .spec = spec_index};
  if (file.source.empty()) file.source = path.filename().string();
  try {
    file.bytes = fs::file_size(path);
    file.compression = resolve_compression(path);
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
