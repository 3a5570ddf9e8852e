// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "rewritten_text.hpp"

namespace farpoint::clean {

/// Writes what is left of a page: text, and the lines into which its blocks divide it. Follows innerText (HTML
/// Standard, section 3.2.7) but for white space, which is kept unless it lies beside a block's tag.
class TextFlow {
 public:
  /// The source must outlive this.
  explicit TextFlow(std::string_view source) : source_(source), text_(source) {}

  /// A part of the source; white space at its ends may go.
  void text(Range part);
  /// A part of the source, all of which stays.
  void verbatim(Range part);
  /// Something that does not stand in the source.
  void insert(std::string_view text);

  /// The begin or the end of a block: there are at least so many line ends here, unless here is the begin or the end of
  /// the text.
  void block(std::size_t line_ends);
  void line_break();
  void row();
  void cell(bool begins);

  /// Ends the current line, before text all of which stays.
  void new_line();

  bool finish(std::string& out) { return text_.finish(out); }

 private:
  static constexpr std::size_t most_line_ends = 2;
  enum class Boundary { none, cell, block };

  void at_boundary(Boundary boundary);
  void end_boundary();
  void count_line_ends(std::size_t ends) { line_ends_ = std::max(line_ends_, std::min(ends, most_line_ends)); }

  std::string_view source_;
  RewrittenText text_;
  std::size_t verbatim_end_ = 0;  ///< white space before it is not ours
  // What comes before the next character that is not white space:
  Boundary boundary_ = Boundary::none;
  std::size_t ends_behind_ = 0;  ///< in the white space behind the last tag
  std::size_t line_ends_ = 0;
  std::size_t line_breaks_ = 0;
  std::size_t tabs_ = 0;
  bool row_has_cells_ = false;
};

}  // namespace farpoint::clean
