// SPDX-License-Identifier: Apache-2.0
#include "code_spans.hpp"

#include <algorithm>
#include <utility>

namespace farpoint::clean {

namespace {

constexpr std::size_t least_fence = 3;
constexpr std::size_t most_indent = 3;

Range run_at(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find_first_not_of(text[begin], begin);
  return {begin, std::min(end, text.size())};
}

/// Where the line begins whose first mark is at `at`; npos if there is anything but some spaces before it.
std::size_t indented_line(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < most_indent && text[begin - 1] == ' ') --begin;
  return begin == 0 || text[begin - 1] == '\n' ? begin : std::string_view::npos;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

std::size_t behind_line(std::string_view text, std::size_t at) {
  return std::min(end_of_line(text, at) + 1, text.size());
}

}  // namespace

FencedBlocks::FencedBlocks(std::string_view text) : text_(text) {}

Range FencedBlocks::next(std::size_t from) {
  if (!begun_ || backticks_ < from) backticks_ = opening(from, '`');
  if (!begun_ || tildes_ < from) tildes_ = opening(from, '~');
  begun_ = true;
  const std::size_t mark = std::min(backticks_, tildes_);
  if (mark == text_.size()) return {mark, mark};
  return {indented_line(text_, mark), end_of_block(run_at(text_, mark))};
}

std::size_t FencedBlocks::opening(std::size_t from, char mark) {
  std::size_t at = text_.find(mark, from);
  while (at != std::string_view::npos) {
    const Range fence = run_at(text_, at);
    if (opens(fence)) return at;
    at = text_.find(mark, fence.end);
  }
  return text_.size();
}

bool FencedBlocks::opens(Range fence) const {
  if (fence.size() < least_fence || indented_line(text_, fence.begin) == std::string_view::npos) return false;
  // Behind backticks on their line another one makes them a code span.
  const std::string_view info = text_.substr(fence.end, end_of_line(text_, fence.end) - fence.end);
  return text_[fence.begin] != '`' || info.find('`') == std::string_view::npos;
}

std::size_t FencedBlocks::end_of_block(Range fence) const {
  const char mark = text_[fence.begin];
  std::size_t at = text_.find(mark, behind_line(text_, fence.end));
  while (at != std::string_view::npos) {
    const Range closing = run_at(text_, at);
    if (closing.size() >= fence.size() && indented_line(text_, at) != std::string_view::npos) {
      const std::size_t rest = std::min(text_.find_first_not_of(" \t\r", closing.end), text_.size());
      if (rest == text_.size() || text_[rest] == '\n') return behind_line(text_, rest);
    }
    at = text_.find(mark, closing.end);
  }
  return text_.size();
}

std::size_t CodeSpans::end_of_span(std::size_t at, std::size_t read) {
  if (at >= line_.end) read_line(at);
  while (next_ < runs_.size() && runs_[next_].backticks.begin < at) {
    const Run& run = runs_[next_];
    const bool begins_span = run.partner != 0 && run.backticks.begin >= read;
    const std::size_t end = begins_span ? runs_[run.partner].backticks.end : run.backticks.end;
    next_ = begins_span ? run.partner + 1 : next_ + 1;
    if (begins_span && end > at) return end;
  }
  return at;
}

void CodeSpans::read_line(std::size_t at) {
  const std::size_t before = text_.substr(line_.end, at - line_.end).rfind('\n');
  line_ = {before == std::string_view::npos ? line_.end : line_.end + before + 1, behind_line(text_, at)};
  runs_.clear();
  next_ = 0;
  std::size_t longest = 0;
  const std::string_view line = text_.substr(0, line_.end);
  for (std::size_t tick = line.find('`', line_.begin); tick != std::string_view::npos;) {
    runs_.push_back({run_at(line, tick)});
    longest = std::max(longest, runs_.back().backticks.size());
    tick = line.find('`', runs_.back().backticks.end);
  }
  if (runs_.empty()) return;
  last_of_length_.assign(longest + 1, 0);
  for (std::size_t i = runs_.size(); i-- > 0;) {
    runs_[i].partner = std::exchange(last_of_length_[runs_[i].backticks.size()], i);
  }
}

}  // namespace farpoint::clean
