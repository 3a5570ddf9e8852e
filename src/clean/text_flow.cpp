// SPDX-License-Identifier: Apache-2.0
#include "text_flow.hpp"

namespace farpoint::clean {

namespace {

constexpr bool is_white_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

void TextFlow::text(Range part) {
  if (boundary_ != Boundary::none) {
    for (; part.begin < part.end && is_white_space(source_[part.begin]); ++part.begin) {
      if (source_[part.begin] == '\n') ++ends_behind_;
    }
    // Cells are laid out in lines that mean nothing.
    if (boundary_ == Boundary::block) count_line_ends(ends_behind_);
  }
  if (part.empty()) return;
  end_boundary();
  text_.keep(part);
}

void TextFlow::verbatim(Range part) {
  if (part.empty()) return;
  end_boundary();
  text_.keep(part);
  verbatim_end_ = text_.size();
}

void TextFlow::insert(std::string_view text) {
  end_boundary();
  text_.insert(text);
}

void TextFlow::block(std::size_t line_ends) {
  at_boundary(Boundary::block);
  count_line_ends(line_ends);
  tabs_ = 0;
}

void TextFlow::line_break() {
  at_boundary(Boundary::block);
  count_line_ends(++line_breaks_);
  tabs_ = 0;
}

void TextFlow::row() {
  block(1);
  row_has_cells_ = false;
}

void TextFlow::cell(bool begins) {
  at_boundary(Boundary::cell);
  if (!begins) return;
  if (row_has_cells_) ++tabs_;
  row_has_cells_ = true;
}

void TextFlow::new_line() {
  if (boundary_ != Boundary::none) {
    count_line_ends(1);
    end_boundary();
  } else if (!text_.empty() && text_.back() != '\n') {
    text_.insert("\n");
  }
}

void TextFlow::at_boundary(Boundary boundary) {
  std::size_t ends = 0;
  while (text_.size() > verbatim_end_ && is_white_space(text_.back())) {
    ends += text_.back() == '\n' ? 1 : 0;
    text_.pop_back();
  }
  if (boundary == Boundary::block) count_line_ends(ends);
  boundary_ = boundary;
  ends_behind_ = 0;
}

void TextFlow::end_boundary() {
  if (boundary_ == Boundary::none) return;
  if (!text_.empty()) {
    // White space that stays may end lines already.
    std::size_t there = 0;
    while (there < line_ends_ && there < text_.size() && text_.from_end(there) == '\n') ++there;
    if (line_ends_ == 0 && tabs_ == 0 && !is_white_space(text_.back())) text_.insert(" ");
    text_.insert(std::string(line_ends_ - there, '\n'));
    text_.insert(std::string(tabs_, '\t'));
  }
  boundary_ = Boundary::none;
  line_ends_ = 0;
  line_breaks_ = 0;
  tabs_ = 0;
}

}  // namespace farpoint::clean
