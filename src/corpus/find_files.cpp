// SPDX-License-Identifier: Apache-2.0
#include "find_files.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <system_error>

#include "farpoint/base/error.hpp"
#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& pattern, std::string_view what) {
  throw UsageError(fmt::format("'{}': {}", pattern, what));
}

std::string absolute_pattern(const std::string& pattern, const fs::path& base) {
  if (base.empty() || fs::path(pattern).is_absolute()) return pattern;
  return quoted_pattern(base.string()) + '/' + pattern;
}

/// Frees what glob() allocated.
struct Matches {
  Matches() = default;
  ~Matches() { globfree(&found); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;
  glob_t found{};
};

/// What is not there matches nothing; a folder that may not be read could hold matches.
int stops_search(const char*, int error) {
  return error == ENOENT || error == ENOTDIR ? 0 : error;
}

/// Adds what matches `full`, a pattern of glob(3).
void add_matches(const std::string& pattern, const std::string& full, std::set<std::string>& names) {
  Matches matches;
  // The set sorts bytewise; glob() would by the locale.
  const int result = glob(full.c_str(), GLOB_NOSORT, stops_search, &matches.found);
  if (result != 0 && result != GLOB_NOMATCH) {
    refuse(pattern, fmt::format("cannot be searched: {}", std::strerror(errno)));
  }
  names.insert(matches.found.gl_pathv, matches.found.gl_pathv + matches.found.gl_pathc);
}

/// Where the first component `**` begins.
std::size_t find_any_depth(const std::string& full) {
  for (std::size_t at = full.find("**"); at != std::string::npos; at = full.find("**", at + 1)) {
    const bool begins = at == 0 || full[at - 1] == '/';
    const bool ends = at + 2 == full.size() || full[at + 2] == '/';
    if (begins && ends) return at;
  }
  return std::string::npos;
}

/// The folder and all below it. As `*`, `**` does not stand for names that begin with a dot: these are caches of other
/// programs. Links are not followed: they may lead in circles, or to the same files again.
void add_folders(const std::string& pattern, const fs::path& root, std::set<std::string>& folders) {
  std::error_code error;
  std::error_code ignored;
  folders.insert(root.string());
  fs::recursive_directory_iterator entry(root, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().native().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
      folders.insert(entry->path().string());
    }
  }
  if (error) refuse(pattern, fmt::format("a folder below {} cannot be searched: {}", root.string(), error.message()));
}

void add_all(const std::string& pattern, const std::string& full, std::set<std::string>& names);

/// Matches of a pattern whose component at `at` is `**`.
void add_at_any_depth(const std::string& pattern, const std::string& full, std::size_t at,
                      std::set<std::string>& names) {
  std::set<std::string> roots;
  add_matches(pattern, at == 0 ? "." : full.substr(0, at), roots);
  std::set<std::string> folders;
  std::error_code ignored;
  for (const std::string& root : roots) {
    if (fs::is_directory(root, ignored)) add_folders(pattern, root, folders);
  }
  const std::string rest = at + 2 == full.size() ? "*" : full.substr(at + 3);
  std::set<std::string> found;
  for (const std::string& folder : folders)
    add_all(pattern, quoted_pattern((fs::path(folder) / "").string()) + rest, found);
  // Folders lie everywhere below; that a name fits one of them says nothing.
  for (const std::string& name : found) {
    if (!fs::is_directory(name, ignored)) names.insert(name);
  }
}

void add_all(const std::string& pattern, const std::string& full, std::set<std::string>& names) {
  const std::size_t any_depth = find_any_depth(full);
  if (any_depth == std::string::npos) {
    add_matches(pattern, full, names);
  } else {
    add_at_any_depth(pattern, full, any_depth, names);
  }
}

std::vector<fs::path> match(const std::string& pattern, const fs::path& base) {
  const std::string full = absolute_pattern(pattern, base);
  std::set<std::string> names;
  add_all(pattern, full, names);
  if (names.empty()) refuse(pattern, fmt::format("no such file ({})", full));
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

std::string quoted_pattern(const std::string& text) {
  std::string pattern;
  for (const char byte : text) {
    if (std::string_view("*?[]\\").find(byte) != std::string_view::npos) pattern += '\\';
    pattern += byte;
  }
  return pattern;
}

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
