// SPDX-License-Identifier: Apache-2.0
#include "clean/code_spans.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

namespace farpoint::clean {
namespace {

/// The text with what lies in fenced blocks between brackets.
std::string marked_blocks(std::string_view text) {
  std::string marked;
  for_each_part(
      text, [&](Range part) { marked.append(text, part.begin, part.size()); },
      [&](Range part) { marked.append("[").append(text, part.begin, part.size()).append("]"); });
  return marked;
}

/// The text with # for what lies in spans of code.
std::string marked_spans(std::string_view text) {
  CodeSpans spans(text, {0, text.size()});
  std::string marked;
  while (marked.size() < text.size()) {
    const std::size_t at = marked.size();
    const std::size_t end = text[at] == '`' ? at : spans.end_of_span(at, 0);
    if (end == at) marked += text[at];
    while (marked.size() < end) marked += text[marked.size()] == '`' ? '`' : '#';
  }
  return marked;
}

TEST(FencedBlocks, BeginAndEndWithALineOfMarks) {
  EXPECT_EQ(marked_blocks("a\n```c\nb\n```\nd"), "a\n[```c\nb\n```\n]d");
  EXPECT_EQ(marked_blocks("~~~\nb\n~~~"), "[~~~\nb\n~~~]");
  EXPECT_EQ(marked_blocks("```\na\n```\n```\nb\n```\n"), "[```\na\n```\n][```\nb\n```\n]");
  EXPECT_EQ(marked_blocks("   ```\na\n   ```  \r\nb"), "[   ```\na\n   ```  \r\n]b");
}

TEST(FencedBlocks, LastToTheEndWithoutAnEnd) {
  EXPECT_EQ(marked_blocks("a\n```\nb\n\n"), "a\n[```\nb\n\n]");
  EXPECT_EQ(marked_blocks("```"), "[```]");
}

TEST(FencedBlocks, EndWithAsManyOfTheSameMarks) {
  EXPECT_EQ(marked_blocks("````\na\n```\n~~~~\n`````\nb"), "[````\na\n```\n~~~~\n`````\n]b");
  EXPECT_EQ(marked_blocks("```\na\n``` b\n    ```\n```\nc"), "[```\na\n``` b\n    ```\n```\n]c");
  EXPECT_EQ(marked_blocks("~~~\n```\n~~~\na\n```\nb"), "[~~~\n```\n~~~\n]a\n[```\nb]");
}

TEST(FencedBlocks, AreNoOtherMarks) {
  for (const std::string text : {"", "a", "a ```\nb", "``\na\n``", "    ```\na", "```a```\nb", "\t```\na"}) {
    EXPECT_EQ(marked_blocks(text), text);
  }
  EXPECT_EQ(marked_blocks("~~~a~~~\nb"), "[~~~a~~~\nb]");
}

TEST(CodeSpans, LieBetweenAsManyBackticks) {
  EXPECT_EQ(marked_spans("a `b` c"), "a `#` c");
  EXPECT_EQ(marked_spans("``a ` b`` `c"), "``######`` `c");
  EXPECT_EQ(marked_spans("`a`` b` c`"), "`######` c`");
  EXPECT_EQ(marked_spans("```a``b` c"), "```a``b` c");
}

TEST(CodeSpans, EndWithTheirLine) {
  EXPECT_EQ(marked_spans("a `b\nc` d `e` f"), "a `b\nc` d `e` f");
  EXPECT_EQ(marked_spans("`a`\n`b\n`c`"), "`#`\n`b\n`#`");
}

TEST(CodeSpans, DoNotBeginInWhatHasBeenRead) {
  const std::string text = "x`y` z `w`";
  CodeSpans spans(text, {0, text.size()});
  EXPECT_EQ(spans.end_of_span(3, 2), 3U);
  EXPECT_EQ(spans.end_of_span(5, 2), 8U);
}

/// For each run of backticks, looks for the next of its length.
std::string reference_spans(const std::string& text) {
  std::string marked = text;
  const auto run = [&](std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] == '`') ++end;
    return end - at;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = run(at);
    std::size_t closing = at + length;
    while (length > 0 && closing < text.size() && text[closing] != '\n' && run(closing) != length) {
      closing += std::max<std::size_t>(run(closing), 1);
    }
    const bool closed = length > 0 && closing < text.size() && text[closing] == '`';
    for (std::size_t i = at; closed && i < closing; ++i) marked[i] = text[i] == '`' ? '`' : '#';
    at = closed ? closing + length : at + std::max<std::size_t>(length, 1);
  }
  return marked;
}

TEST(CodeSpans, AreThoseOfThePlainSearch) {
  const bool holds = rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("``a\n")));
    RC_ASSERT(marked_spans(text) == reference_spans(text));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace farpoint::clean
