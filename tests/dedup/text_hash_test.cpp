// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/text_hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace farpoint::dedup {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  fold(text, out);
  return out;
}

/// Character by character.
std::string reference(const std::string& text) {
  const auto lower = icu::UnicodeString::fromUTF8(text).foldCase();
  icu::UnicodeString joined;
  bool pending = false;
  for (std::int32_t i = 0; i < lower.length(); i = lower.moveIndex32(i, 1)) {
    const auto c = lower.char32At(i);
    if (u_isUWhiteSpace(c) != 0) {
      pending = joined.length() > 0;
      continue;
    }
    if (pending) joined.append(static_cast<UChar32>(' '));
    pending = false;
    joined.append(c);
  }
  std::string out;
  return joined.toUTF8String(out);
}

TEST(Fold, LeavesOutCaseAndWhiteSpace) {
  EXPECT_EQ(folded("  Hello,\n\tWORLD  "), "hello, world");
  EXPECT_EQ(folded("Stra\u00dfe \u3000 \u00c9t\u00c9"), "strasse \u00e9t\u00e9");
  EXPECT_EQ(folded("\u4f60\u597d  \u4e16\u754c"), "\u4f60\u597d \u4e16\u754c");
  EXPECT_EQ(folded(" \n "), "");
  EXPECT_EQ(folded(""), "");
}

RC_GTEST_PROP(Fold, IsThatOfUnicode, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("aBZ \t\n.9")));
  const auto more =
      *rc::gen::elementOf(std::vector<std::string>{"", "\u00c4", "\u3000\u0130", "\U00010400 x", "\u2003"});
  RC_ASSERT(folded(text + more) == reference(text + more));
  RC_ASSERT(folded(more + text) == reference(more + text));
}

TEST(TextHash, IsThatOfTheTextOrOfWhatIsLeft) {
  std::string work;
  EXPECT_EQ(text_hash("A b", false, work), hash128("A b"));
  EXPECT_EQ(text_hash("A  b", true, work), hash128("a b"));
  EXPECT_NE(text_hash("A b", false, work), text_hash("a b", false, work));
  EXPECT_EQ(text_hash(" a\nB ", true, work), text_hash("A b", true, work));
}

TEST(TextHash, TakesBytesThatAreNotUtf8) {
  std::string work;
  text_hash("\xff\xfe\xe4\xb8", true, work);
  EXPECT_EQ(text_hash("\xff a", true, work), text_hash("\xff  A", true, work));
}

}  // namespace
}  // namespace farpoint::dedup
