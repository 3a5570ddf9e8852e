// SPDX-License-Identifier: Apache-2.0
#include "find_files.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& pattern, std::string_view what) {
  throw UsageError(fmt::format("'{}': {}", pattern, what));
}

/// A pattern that matches `text` and nothing else.
std::string quoted(const std::string& text) {
  std::string pattern;
  for (const char byte : text) {
    if (std::string_view("*?[]\\").find(byte) != std::string_view::npos) pattern += '\\';
    pattern += byte;
  }
  return pattern;
}

std::string absolute_pattern(const std::string& pattern, const fs::path& base) {
  if (base.empty() || fs::path(pattern).is_absolute()) return pattern;
  return quoted(base.string()) + '/' + pattern;
}

/// Frees what glob() allocated.
struct Matches {
  Matches() = default;
  ~Matches() { globfree(&found); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  glob_t found{};
};

std::vector<fs::path> match(const std::string& pattern, const fs::path& base) {
  Matches matches;
  // Sorted below: glob() sorts by the locale.
  const std::string full = absolute_pattern(pattern, base);
  const int result = glob(full.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &matches.found);
  if (result == GLOB_NOMATCH) refuse(pattern, fmt::format("no such file ({})", full));
  if (result != 0) refuse(pattern, fmt::format("cannot be searched: {}", std::strerror(errno)));
  std::vector<std::string> names(matches.found.gl_pathv, matches.found.gl_pathv + matches.found.gl_pathc);
  std::sort(names.begin(), names.end());
  return {names.begin(), names.end()};
}

void check_is_file(const std::string& pattern, const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) return;
  if (fs::is_directory(status)) {
    refuse(pattern, fmt::format("{} is a folder; name its files, e.g. {}/*.jsonl", path.string(), path.string()));
  }
  refuse(pattern, error ? fmt::format("{}: {}", path.string(), error.message())
                        : fmt::format("{} is not a regular file", path.string()));
}

}  // namespace

std::vector<fs::path> find_files(const std::string& pattern, const fs::path& base) {
  if (pattern.empty()) throw UsageError("a source of the corpus has an empty path");
  std::error_code ignored;
  const fs::path literal = base / pattern;
  // A name may hold '[' or '*'; the file of exactly that name is meant where there is one.
  const std::vector<fs::path> paths = fs::exists(literal, ignored) ? std::vector{literal} : match(pattern, base);
  for (const fs::path& path : paths) check_is_file(pattern, path);
  return paths;
}

}  // namespace farpoint::corpus
