// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/white_space.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "clean/random_text.hpp"

namespace farpoint::clean {
namespace {

std::string tidied(std::string_view text) {
  std::string out = "untouched";
  const bool changed = tidy_white_space(text, out);
  EXPECT_EQ(changed, out != "untouched");
  EXPECT_FALSE(changed && out == text) << text;
  return changed ? out : std::string(text);
}

void expect_unchanged(std::string_view text) {
  EXPECT_EQ(tidied(text), text);
}

TEST(TidyWhiteSpace, JoinsBlanksWithinLines) {
  EXPECT_EQ(tidied("a  b \t c"), "a b c");
  EXPECT_EQ(tidied("a\u00a0b\u3000c\u2003\u2009d\u202fe\u205ff\u1680g"), "a b c d e f g");
  EXPECT_EQ(tidied("a\t\tb"), "a b");
  expect_unchanged("a\tb c");
  expect_unchanged("中文。「引」“ ”\u200b\u200d\u2028\u00e0é");
}

TEST(TidyWhiteSpace, KeepsIndentation) {
  expect_unchanged("    if a:\n\t\tb\n\u3000\u3000中文");
  EXPECT_EQ(tidied("  a  b"), "  a b");
}

TEST(TidyWhiteSpace, RemovesBlanksAtTheEndsOfLines) {
  EXPECT_EQ(tidied("a \nb\t\u00a0\nc\u3000"), "a\nb\nc");
  EXPECT_EQ(tidied("a\r\nb \r\n"), "a\nb\n");
  expect_unchanged("a\rb");
}

TEST(TidyWhiteSpace, LeavesOneBlankLine) {
  EXPECT_EQ(tidied("a\n\n\n\nb"), "a\n\nb");
  EXPECT_EQ(tidied("a\n \n\t\nb\n"), "a\n\nb\n");
  expect_unchanged("a\n\nb\nc\n");
}

TEST(TidyWhiteSpace, RemovesBlankLinesAtBothEnds) {
  EXPECT_EQ(tidied("\n \n  a\n\n \n"), "  a\n");
  EXPECT_EQ(tidied(" \n\t\n\u3000"), "");
  EXPECT_EQ(tidied("\n"), "");
  expect_unchanged("");
  expect_unchanged("a\n");
}

TEST(TidyWhiteSpace, KeepsFencedCode) {
  expect_unchanged("a\n\n```\nb  c \n\n\n\nd\n```\n\ne");
  EXPECT_EQ(tidied("\n\n```\nb  c\n``` \n\n\ne  f"), "```\nb  c\n``` \n\ne f");
  expect_unchanged("~~~\na  b\n\n\n");
}

/// Line by line, over a list of characters.
std::string reference(const std::string& text) {
  const std::vector<std::string> blanks = {" ", "\t", "\u00a0", "\u3000"};
  const auto is_blank = [&](const std::string& c) { return std::count(blanks.begin(), blanks.end(), c) > 0; };
  std::vector<std::vector<std::string>> lines(1);
  for (const std::string& c : characters(text)) {
    if (c == "\n") {
      lines.emplace_back();
    } else {
      lines.back().push_back(c);
    }
  }
  std::string tidy;
  bool blank_line = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string>& line = lines[i];
    while (!line.empty() && (is_blank(line.back()) || line.back() == "\r")) line.pop_back();
    if (line.empty()) {
      blank_line = true;
      continue;
    }
    if (blank_line && !tidy.empty()) tidy += '\n';
    blank_line = false;
    std::size_t at = 0;
    while (is_blank(line[at])) tidy += line[at++];
    while (at < line.size()) {
      std::size_t end = at;
      while (is_blank(line[end])) ++end;
      if (end == at) {
        tidy += line[at++];
      } else {
        tidy += end == at + 1 && line[at] == "\t" ? "\t" : " ";
        at = end;
      }
    }
    if (i + 1 < lines.size()) tidy += '\n';
  }
  return tidy;
}

TEST(TidyWhiteSpace, IsThePlainWay) {
  const bool holds = rc::check([] {
    for (const std::string& text : *random_texts({" ", " ", "\t", "\n", "\n", "\r", "\u00a0", "\u3000", "a", "。", "“",
                                                  "`", std::string(700, 'x') + "\n"})) {
      if (text.find("```") == std::string::npos) RC_ASSERT(tidied(text) == reference(text));
    }
  });
  EXPECT_TRUE(holds);
}

TEST(TidyWhiteSpace, TwiceIsOnce) {
  const bool holds = rc::check([] {
    for (const std::string& text : *random_texts({" ", " ", "\n", "\n", "\r", "\t", "\u00a0", "a", "```", "~~~",
                                                  "```\n", "\xe2\x80", "\xc2", "\xa0", "\n" + std::string(600, 'x')})) {
      const std::string once = tidied(text);
      RC_ASSERT(tidied(once) == once);
    }
  });
  EXPECT_TRUE(holds);
}

TEST(TidyWhiteSpace, LeavesValidUtf8) {
  const bool holds = rc::check([] {
    for (const std::string& text :
         *random_texts({" ", "\n", "\u00a0", "\u3000", "\u2003", "é", "。", "“", "😀", "```\n"})) {
      RC_ASSERT(is_valid_utf8(tidied(text)));
    }
  });
  EXPECT_TRUE(holds);
}

TEST(TidyWhiteSpace, EndsOnHugeTexts) {
  constexpr std::size_t many = 3'000'000;
  EXPECT_EQ(tidied(std::string(many, ' ')), "");
  EXPECT_EQ(tidied(std::string(many, '\n') + "a" + std::string(many, '\n')), "a\n");
  EXPECT_EQ(tidied(repeated("a\u3000", many)).size(), 2 * many - 1);
  EXPECT_EQ(tidied(repeated(" \n\u00a0\r", many)), "");
  expect_unchanged(repeated("```\n", many));
  expect_unchanged(repeated(" ```a```\n", many));
  expect_unchanged(std::string(many, '`'));
}

}  // namespace
}  // namespace farpoint::clean
