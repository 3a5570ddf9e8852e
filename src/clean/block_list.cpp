// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <re2/re2.h>
#include <unicode/utf8.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "farpoint/base/error.hpp"
#include "farpoint/clean/pattern_set.hpp"
#include "personal_match.hpp"

namespace farpoint::clean {

namespace {

std::string read_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad() || std::filesystem::is_directory(file)) {
    throw UsageError(fmt::format("cannot read the block list {}: {}", file.string(), std::strerror(errno)));
  }
  return bytes;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    UChar32 c = 0;
    U8_NEXT(bytes.data(), at, bytes.size(), c);
    if (c < 0) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(blanks);
  if (begin == line.npos) return {};
  return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

/// Found in upper and lower case, within no word.
std::string phrase_expression(std::string_view phrase) {
  return fmt::format("(?i){}{}{}", is_alphanumeric(phrase.front()) ? R"(\b)" : "",
                     re2::RE2::QuoteMeta({phrase.data(), phrase.size()}),
                     is_alphanumeric(phrase.back()) ? R"(\b)" : "");
}

bool is_expression(std::string_view line) {
  return line.size() > 1 && line.front() == '/' && line.back() == '/';
}

/// Says so where the line is known; PatternSet would only say it of the first bad one of all lists.
Pattern regular_expression(std::string_view line, const std::string& origin) {
  const std::string_view expression = line.substr(1, line.size() - 2);
  if (expression.empty()) {
    throw UsageError(fmt::format("{}: an empty expression would match every text; remove the line", origin));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 compiled({expression.data(), expression.size()}, options);
  if (!compiled.ok()) {
    throw UsageError(
        fmt::format("{}: {} is not a regular expression that RE2 takes: {}", origin, line, compiled.error()));
  }
  return {std::string(expression), origin};
}

}  // namespace

std::vector<Pattern> read_block_list(const std::filesystem::path& file) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const std::string bytes = read_file(file);
  std::string_view rest = bytes;
  if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  std::vector<Pattern> patterns;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string origin = fmt::format("{}:{}", file.string(), number);
    if (!is_utf8(line)) throw UsageError(fmt::format("{}: not UTF-8; save the list as UTF-8", origin));
    if (line.empty() || line.front() == '#') continue;
    patterns.push_back(is_expression(line) ? regular_expression(line, origin)
                                           : Pattern{phrase_expression(line), origin});
  }
  return patterns;
}

}  // namespace farpoint::clean
