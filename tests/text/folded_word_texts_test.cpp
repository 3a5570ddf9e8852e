// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/folded_words.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/unistr.h>

#include <string>
#include <vector>

#include "reference.hpp"

namespace farpoint::text {
namespace {

using Words = std::vector<std::string>;

Words folded(std::string_view text) {
  Words words;
  for_each_folded_word(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

Words expected(std::string_view text) {
  Words words;
  for (const auto& token : reference::tokens(text)) {
    std::string utf8;
    icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(token.data()), static_cast<int32_t>(token.size()))
        .toUTF8String(utf8);
    words.push_back(utf8);
  }
  return words;
}

TEST(FoldedWordTexts, fold_case_and_width_and_split_where_no_spaces_are) {
  EXPECT_EQ(folded("Don't STOP, ＡＢＣ１2!"), (Words{"don", "t", "stop", "abc12"}));
  EXPECT_EQ(folded("数据库 ok😀Ünï"), (Words{"数", "据", "库", "ok", "😀", "ünï"}));
  EXPECT_EQ(folded("soft\u00adhyphen"), (Words{"softhyphen"}));
  EXPECT_EQ(folded("a\xff b\xc3"), (Words{"a", "b"}));
  EXPECT_EQ(folded(" .,\n"), Words{});
  EXPECT_EQ(folded(""), Words{});
}

RC_GTEST_PROP(FoldedWordTexts, are_those_of_the_reference, ()) {
  const auto piece =
      rc::gen::elementOf(std::vector<std::string>{"a", "B", "é", "Ω", "Ａ", "7", " ", ",", "漢", "か", "ไ", "😀",
                                                  "\u0301", "\u00ad", "\u200d", "\xff", "\xe6\xbc", "ß", "\n"});
  std::string text;
  for (const auto& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
  RC_ASSERT(folded(text) == expected(text));
}

TEST(FoldedWordTexts, take_linear_time_on_one_long_word) {
  const std::string text(10'000'000, 'x');
  EXPECT_EQ(folded(text), Words{text});
  std::string marks = "a";
  for (int i = 0; i < 1'000'000; ++i) marks += "\u0301";
  EXPECT_EQ(folded(marks), Words{marks});
}

}  // namespace
}  // namespace farpoint::text
