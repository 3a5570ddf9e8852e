// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// Bytes [begin, end) of a text.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
};

/// The fenced code blocks of a Markdown text (CommonMark 0.31, section 4.5): from a line of three or more backticks or
/// tildes, indented by up to three spaces, to a line of as many or more of them alone, or to the end of the text.
class FencedBlocks {
 public:
  /// The text must outlive this.
  explicit FencedBlocks(std::string_view text);

  /// The first block at `from` or behind: whole lines, with the last one's end. Empty at the end of the text if there
  /// is none. `from` begins a line and never goes back; all calls together cost O(text).
  Range next(std::size_t from);

 private:
  std::size_t opening(std::size_t from, char mark);
  bool opens(Range fence) const;
  std::size_t end_of_block(Range fence) const;

  std::string_view text_;
  std::size_t backticks_ = 0;  ///< the first opening fence of backticks that has not been passed
  std::size_t tildes_ = 0;
  bool begun_ = false;
};

/// Calls prose(range) and code(range) for the parts of a text, in order: code is what lies in fenced blocks.
template <typename Prose, typename Code>
void for_each_part(std::string_view text, Prose&& prose, Code&& code) {
  FencedBlocks blocks(text);
  for (std::size_t at = 0; at < text.size();) {
    const Range block = blocks.next(at);
    if (block.begin > at) prose(Range{at, block.begin});
    if (!block.empty()) code(block);
    at = block.end;
  }
}

/// Code spans between as many backticks on either side (CommonMark 0.31, section 6.1), but each within one line.
class CodeSpans {
 public:
  /// Of the bytes `part` of the text, which must outlive this.
  CodeSpans(std::string_view text, Range part) : text_(text.substr(0, part.end)), line_{part.begin, part.begin} {}

  /// The end of the span in which `at` lies; `at` if it lies in none. What comes before `read` has been read as
  /// something else, so that no span begins there. Neither may go back; all calls together cost O(text).
  std::size_t end_of_span(std::size_t at, std::size_t read);

 private:
  struct Run {
    Range backticks;
    std::size_t partner = 0;  ///< the next run of the same length in the line; 0 if there is none
  };

  void read_line(std::size_t at);

  std::string_view text_;
  Range line_;
  std::vector<Run> runs_;                    ///< of line_
  std::size_t next_ = 0;                     ///< the first run that has not been passed
  std::vector<std::size_t> last_of_length_;  ///< scratch
};

}  // namespace farpoint::clean
