// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "farpoint/base/error.hpp"
#include "farpoint/clean/spelling.hpp"

namespace farpoint::clean {

namespace {

namespace fs = std::filesystem;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

bool is_letter_or_digit(char c) {
  return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9');
}

/// With underscores, as files are named.
std::string checked_code(std::string_view code) {
  std::string name(code);
  std::replace(name.begin(), name.end(), '-', '_');
  const bool is_code = name.size() >= 2 &&
                       std::all_of(name.begin(), name.end(), [](char c) { return c == '_' || is_letter_or_digit(c); });
  if (is_code && name.front() != '_') return name;
  throw UsageError(
      fmt::format("\"{}\" is no language code for a spelling dictionary: \"en\", \"en_GB\", \"de\"", code));
}

std::optional<SpellingDictionary> named(const fs::path& folder, const std::string& name) {
  SpellingDictionary dictionary{folder / (name + ".aff"), folder / (name + ".dic")};
  std::error_code error;
  if (fs::exists(dictionary.affixes, error) && fs::exists(dictionary.words, error)) return dictionary;
  return std::nullopt;
}

/// Names of dictionaries that begin with "en_", sorted.
std::vector<std::string> names_of_language(const fs::path& folder, const std::string& language) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& file = entry->path();
    if (file.extension() == ".dic" && file.stem().string().starts_with(language + "_")) {
      names.push_back(file.stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<SpellingDictionary> of_language(const fs::path& folder, const std::string& language) {
  std::string country = language;
  std::transform(country.begin(), country.end(), country.begin(), upper);
  std::vector<std::string> names = {language, language == "en" ? "en_US" : language + "_" + country};
  const auto others = names_of_language(folder, language);
  names.insert(names.end(), others.begin(), others.end());
  for (const std::string& name : names) {
    if (auto dictionary = named(folder, name)) return dictionary;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SpellingDictionary> SpellingDictionary::find(std::string_view code, std::span<const fs::path> folders) {
  const std::string name = checked_code(code);
  const bool whole = name.find('_') != std::string::npos;
  for (const fs::path& folder : folders) {
    if (auto dictionary = whole ? named(folder, name) : of_language(folder, name)) return dictionary;
  }
  return std::nullopt;
}

std::vector<fs::path> SpellingDictionary::usual_folders() {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv("DICPATH")) {
    std::string_view rest = variable;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      if (end > 0) folders.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  folders.emplace_back("/usr/share/hunspell");
  folders.emplace_back("/usr/share/myspell/dicts");
  return folders;
}

}  // namespace farpoint::clean
