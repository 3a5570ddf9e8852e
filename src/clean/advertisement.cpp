// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/advertisement.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>

#include "advertisement_patterns.hpp"

namespace farpoint::clean {

namespace {

/// One expression for all: which of them matches does not matter, so the search may stop at the first, which a set
/// of expressions cannot.
const re2::RE2& any_pattern() {
  static const std::unique_ptr<const re2::RE2> expression = [] {
    std::string any;
    for (const std::string_view pattern : advertisement_patterns()) {
      any += fmt::format("{}(?:{})", any.empty() ? "" : "|", pattern);
    }
    re2::RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    constexpr std::int64_t memory = std::int64_t{64} << 20;  // for the states of the automaton
    options.set_max_mem(memory);
    return std::make_unique<const re2::RE2>(any, options);
  }();
  return *expression;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\v\f") == line.npos;
}

}  // namespace

AdvertisementLines advertisement_lines(std::string_view utf8) {
  const re2::RE2& any = any_pattern();
  AdvertisementLines counts;
  for (std::size_t begin = 0; begin < utf8.size();) {
    const std::size_t end = std::min(utf8.find('\n', begin), utf8.size());
    const std::string_view line = utf8.substr(begin, end - begin);
    if (!is_blank(line)) {
      ++counts.lines;
      if (any.Match({line.data(), line.size()}, 0, line.size(), re2::RE2::UNANCHORED, nullptr, 0)) ++counts.matching;
    }
    begin = end + 1;
  }
  return counts;
}

}  // namespace farpoint::clean
