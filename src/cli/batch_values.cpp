// SPDX-License-Identifier: Apache-2.0
#include "batch_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "farpoint/base/error.hpp"

namespace farpoint::cli {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A number of at most nine digits: sums of them cannot overflow.
std::optional<std::uint64_t> number(std::string_view digits) {
  if (digits.empty() || digits.size() > 9 || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<std::vector<std::uint64_t>> numbers(std::string_view text) {
  std::vector<std::uint64_t> parts;
  for (;;) {
    const auto colon = text.find(':');
    const auto part = number(text.substr(0, colon));
    if (!part) return std::nullopt;
    parts.push_back(*part);
    if (colon == std::string_view::npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

/// Whether a variable begins at a dollar sign that `rest` follows.
bool begins_variable(std::string_view rest) {
  if (rest.empty()) return false;
  if (rest.front() != '{') return is_letter(rest.front());
  const auto end = rest.find('}');
  return end != std::string_view::npos && is_variable_name(rest.substr(1, end - 1));
}

}  // namespace

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string shell_word(std::string_view text) {
  const auto is_plain = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("/.-+:,=@%").find(c) != std::string_view::npos;
  };
  // A leading tilde and the like are not plain, and an empty word must be seen.
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string shell_text(std::string_view text) {
  std::string word = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_special = c == '"' || c == '\\' || c == '`' || (c == '$' && !begins_variable(text.substr(i + 1)));
    if (is_special) word += '\\';
    word += c;
  }
  return word + "\"";
}

std::string directive(std::string_view name, std::string_view value) {
  std::string line = fmt::format("#SBATCH --{}=\"", name);
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  return line + "\"\n";
}

std::string output_pattern(const std::string& folder, std::string_view pattern) {
  if (folder.find('\\') != std::string::npos) {
    throw UsageError(
        fmt::format("{}: Slurm writes into no folder with a backslash in its name; choose another "
                    "--output",
                    folder));
  }
  std::string path;
  for (const char c : folder) path += c == '%' ? std::string("%%") : std::string(1, c);
  return fmt::format("{}/{}", path, pattern);
}

std::optional<std::uint64_t> slurm_seconds(std::string_view text) {
  const auto dash = text.find('-');
  const bool has_days = dash != std::string_view::npos;
  const auto days = has_days ? number(text.substr(0, dash)) : 0;
  const auto parts = numbers(has_days ? text.substr(dash + 1) : text);
  if (!days || !parts || parts->size() > 3) return std::nullopt;
  // Units of the parts, by how Slurm reads as many of them.
  static constexpr std::uint64_t from_hours[] = {3600, 60, 1};
  static constexpr std::uint64_t from_minutes[] = {60, 1};
  const auto* units = has_days || parts->size() == 3 ? from_hours : from_minutes;
  std::uint64_t seconds = *days * 86400;
  for (std::size_t i = 0; i < parts->size(); ++i) seconds += (*parts)[i] * units[i];
  if (seconds == 0) return std::nullopt;
  return seconds;
}

std::optional<std::string> slurm_memory(std::string_view text) {
  if (text.ends_with('B')) text.remove_suffix(1);
  if (text.empty() || std::string_view("KMGT").find(text.back()) == std::string_view::npos) return std::nullopt;
  const auto value = number(text.substr(0, text.size() - 1));
  if (!value || *value == 0) return std::nullopt;
  return fmt::format("{}{}", *value, text.back());
}

}  // namespace farpoint::cli
