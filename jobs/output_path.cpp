// SPDX-License-Identifier: Apache-2.0
#include "output_path.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/run_folder.hpp"

namespace farpoint::jobs {

using namespace pipeline;

std::string checked_output(const std::string& option, const std::string& path, const Place& place,
                           const Config& config) {
  const auto normal = std::filesystem::path(path).lexically_normal();
  try {
    const RunFolder folder{config.run.output};
    const auto name = normal.filename();
    if (name.empty() || name == "." || name == ".." || std::filesystem::is_directory(folder.path / path)) {
      throw UsageError(fmt::format("'{}' names a folder, not a file", path));
    }
    folder.check_output(folder.path / path);
  } catch (const UsageError& error) {
    throw ConfigError(place, fmt::format("'{}': {}", option, error.what()));
  }
  return normal.string();
}

}  // namespace farpoint::jobs
