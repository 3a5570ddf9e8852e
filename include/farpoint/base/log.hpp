// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

/// One log a process. Without open() nothing is written but warnings, which go to stderr (with
/// terminal::Verbosity::verbose everything goes there, too).
namespace farpoint::log {

enum class Level { info, warning, error };

/// Appends to `path`; `warnings_to_stderr` repeats warnings and errors on stderr (rank 0 does so). Call it once,
/// before other threads write. Throws Error naming the file.
void open(const std::filesystem::path& path, bool warnings_to_stderr);

/// Thread-safe.
void write(Level level, std::string_view message);
/// To the file alone, at once: for what somebody else shows to people.
void record(Level level, std::string_view message);

template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace farpoint::log
