// SPDX-License-Identifier: Apache-2.0
// jobs/json_file.hpp: JSON that a run has written, and somebody may have changed.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::jobs {

/// Throws Error that names the file when it cannot be read or holds no JSON.
inline nlohmann::ordered_json read_json_file(const std::filesystem::path& file) {
  try {
    return nlohmann::ordered_json::parse(read_file(file));
  } catch (const nlohmann::ordered_json::exception& error) {
    throw Error(fmt::format("{}: this is not the file that a run wrote: {}; run the same command again, with --fresh",
                            file.string(), error.what()));
  }
}

}  // namespace farpoint::jobs
