// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// A regular expression in RE2's syntax, and where it was written: "blocked.txt:12", for messages and reports.
struct Pattern {
  std::string expression;
  std::string origin;
};

/// Thousands of regular expressions, matched anywhere in a text in one pass over it.
class PatternSet {
 public:
  /// Throws UsageError with the origin of the first pattern that RE2 does not take, and its reason.
  explicit PatternSet(std::vector<Pattern> patterns);
  ~PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;

  /// The lowest index of those that match, or none. The answer does not depend on memory: when RE2's automaton for all
  /// patterns does not fit, smaller ones are asked. Thread-safe; time linear in the text.
  std::optional<std::size_t> first_match(std::string_view utf8) const;

  const Pattern& operator[](std::size_t index) const;
  std::size_t size() const;

 private:
  class Automata;
  std::unique_ptr<const Automata> automata_;
};

/// Reads a block list: one pattern a line. Blank lines and those that start with # are left out. A line in /slashes/ is
/// a regular expression (case counts, unless it says (?i)); any other is a phrase, found in upper and lower case, and
/// at word boundaries where its ends are ASCII letters or digits. Blanks around a line do not count. UTF-8, with or
/// without a byte order mark; lines end with LF or CRLF. Throws UsageError naming file and line: for what cannot be
/// read, is not UTF-8 or no regular expression.
std::vector<Pattern> read_block_list(const std::filesystem::path& file);

}  // namespace farpoint::clean
