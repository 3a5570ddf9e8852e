// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/c4_lines.hpp"

#include "code_spans.hpp"
#include "farpoint/clean/text_statistics.hpp"

namespace farpoint::clean {

namespace {

constexpr std::uint64_t fewest_words = 5;

bool is_noise(std::string_view line) {
  const auto found = text_statistics(line);
  if (found.lines == 0) return false;
  return found.terminal_lines == 0 || found.words < fewest_words || found.javascript_lines > 0 ||
         found.policy_lines > 0;
}

/// Calls visit(line with its end, whether it is noise) for each line outside of code, and visit(block, false) for code.
template <typename Visit>
void for_each_line(std::string_view text, Visit&& visit) {
  const auto lines_of = [&](Range part) {
    for (auto begin = part.begin; begin < part.end;) {
      const auto newline = text.find('\n', begin);
      const auto end = newline == std::string_view::npos || newline >= part.end ? part.end : newline + 1;
      const auto line = text.substr(begin, end - begin);
      visit(line, is_noise(line));
      begin = end;
    }
  };
  for_each_part(text, lines_of, [&](Range block) { visit(text.substr(block.begin, block.size()), false); });
}

}  // namespace

bool drop_noise_lines(std::string_view utf8, std::string& out) {
  bool found = false;
  for_each_line(utf8, [&](std::string_view, bool noise) { found = found || noise; });
  if (!found) return false;
  for_each_line(utf8, [&](std::string_view line, bool noise) {
    if (!noise) out += line;
  });
  return true;
}

}  // namespace farpoint::clean
