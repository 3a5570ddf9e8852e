// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/unicode.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <string>

#include "clean/random_text.hpp"

namespace farpoint::clean {
namespace {

std::string normalised(std::string_view text, NormalForm form) {
  std::string out = "untouched";
  const bool changed = normalize_unicode(text, form, out);
  EXPECT_EQ(changed, out != "untouched");
  EXPECT_FALSE(changed && out == text) << text;
  return changed ? out : std::string(text);
}

TEST(NormaliseUnicode, RemovesControlsAndWhatNobodySees) {
  using namespace std::string_literals;
  for (const NormalForm form : {NormalForm::none, NormalForm::nfc, NormalForm::nfkc}) {
    EXPECT_EQ(normalised("a\0b\x01\x0b\x0c\x1f\x7f\u0080\u0085\u009f"s + "c", form), "abc");
    EXPECT_EQ(normalised("\ufeffa\u200bb\u2060c\ufeff", form), "abc");
    EXPECT_EQ(normalised("a\tb\nc", form), "a\tb\nc");
    EXPECT_EQ(normalised("a\r\nb\rc\r", form), "a\nb\nc\n");
  }
}

TEST(NormaliseUnicode, KeepsAllElse) {
  for (const std::string text :
       {"", "plain text", "👩‍👩‍👧‍👦❤️🏳️‍🌈", "می‌خواهم", "中文。",
        "a\u200cb\u200d\u200e\u202e\u00ad", "\u2028\u00a0\u3000", "\U0001F600\uFFFE"}) {
    EXPECT_EQ(normalised(text, NormalForm::none), text);
    EXPECT_EQ(normalised(text, NormalForm::nfc), text);
  }
}

TEST(NormaliseUnicode, ComposesLetters) {
  EXPECT_EQ(normalised("e\u0301", NormalForm::nfc), "é");
  EXPECT_EQ(normalised("e\u200b\u0301", NormalForm::nfc), "é");
  EXPECT_EQ(normalised("e\u0301", NormalForm::none), "e\u0301");
  EXPECT_EQ(normalised("ﬁ ① Ａ", NormalForm::nfc), "ﬁ ① Ａ");
  EXPECT_EQ(normalised("ﬁ ① Ａ", NormalForm::nfkc), "fi 1 A");
  EXPECT_EQ(normalised("\u1112\u1161\u11ab", NormalForm::nfc), "한");
}

TEST(NormaliseUnicode, KeepsBytesThatAreNotUtf8WhereNothingIsToBeNormalized) {
  EXPECT_EQ(normalised("a\xff\x80", NormalForm::none), "a\xff\x80");
  EXPECT_EQ(normalised("\xe2\x80", NormalForm::none), "\xe2\x80");
  for (const std::string bad : {"e\u0301\xff", "\xc2", "\xed\xa0\x80 e\u0301", "\xf4\x90\x80\x80\u0301"}) {
    const std::string once = normalised(bad, NormalForm::nfc);
    EXPECT_EQ(normalised(once, NormalForm::nfc), once);
  }
}

bool goes(UChar32 c) {
  const bool control = u_charType(c) == U_CONTROL_CHAR && c != '\t' && c != '\n';
  return control || c == 0x200B || c == 0x2060 || c == 0xFEFF;
}

/// Character by character, and through UTF-16.
std::string reference(const std::string& text, NormalForm form) {
  const icu::UnicodeString all = icu::UnicodeString::fromUTF8(text);
  icu::UnicodeString kept;
  for (std::int32_t at = 0; at < all.length(); at = all.moveIndex32(at, 1)) {
    const UChar32 c = all.char32At(at);
    if (c == '\r') {
      if (all.charAt(at + 1) != '\n') kept.append(UChar32{'\n'});
    } else if (!goes(c)) {
      kept.append(c);
    }
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* form_of_icu =
      form == NormalForm::nfkc ? icu::Normalizer2::getNFKCInstance(status) : icu::Normalizer2::getNFCInstance(status);
  std::string utf8;
  (form == NormalForm::none ? kept : form_of_icu->normalize(kept, status)).toUTF8String(utf8);
  EXPECT_TRUE(U_SUCCESS(status));
  return utf8;
}

const std::vector<std::string> pieces = {
    "a",      "some longer piece of plain ASCII text, so that blocks of it arise, ",
    "\r",     "\n",
    "\x01",   "\x7f",
    "\u0085", "\u00a0",
    "\u200b", "\u200d",
    "\u2060", "\ufeff",
    "e",      "\u0301",
    "\u0316", "\u0344",
    "é",      "ﬁ",
    "中",     "，",
    "\u1112", "\u1161",
    "\u11ab", "\uff9e",
    "😀",      "\u0f73"};

TEST(NormaliseUnicode, IsThePlainWay) {
  for (const NormalForm form : {NormalForm::none, NormalForm::nfc, NormalForm::nfkc}) {
    const bool holds = rc::check([form] {
      for (const std::string& text : *random_texts(pieces)) {
        const std::string result = normalised(text, form);
        RC_ASSERT(result == reference(text, form));
        RC_ASSERT(is_valid_utf8(result));
        RC_ASSERT(normalised(result, form) == result);
      }
    });
    EXPECT_TRUE(holds);
  }
}

TEST(NormaliseUnicode, FindsEachCharacterThatGoes) {
  for (UChar32 c = 0; c <= 0x10FFFF; ++c) {
    if (U_IS_SURROGATE(c) || c == '\r') continue;
    std::string text = "1234567";
    icu::UnicodeString(c).toUTF8String(text);
    text += std::string(80, 'x');
    const bool shorter = normalised(text, NormalForm::none).size() == 87;
    ASSERT_EQ(shorter, goes(c)) << std::hex << c;
  }
}

/// The Stream-Safe Text Process as UAX #15 words it, with the limit of ours, on text that is decomposed already.
std::string stream_safe(const std::vector<UChar32>& decomposed) {
  icu::UnicodeString safe;
  std::size_t count = 0;
  for (const UChar32 c : decomposed) {
    const bool starter = u_getCombiningClass(c) == 0;
    if (!starter && count == 256) {
      safe.append(UChar32{0x034F});
      count = 0;
    }
    count = starter ? 0 : count + 1;
    safe.append(c);
  }
  UErrorCode status = U_ZERO_ERROR;
  std::string utf8;
  icu::Normalizer2::getNFCInstance(status)->normalize(safe, status).toUTF8String(utf8);
  EXPECT_TRUE(U_SUCCESS(status));
  return utf8;
}

TEST(NormaliseUnicode, CutsLongRunsOfCombiningMarks) {
  for (const std::size_t length : {255U, 256U, 257U, 600U, 5000U}) {
    for (const std::size_t shift : {0U, 1U, 60U, 200U}) {
      std::vector<UChar32> characters(shift, U'x');
      for (std::size_t i = 0; i < length; ++i) characters.push_back(i % 3 == 0 ? 0x0316 : 0x0301);
      characters.push_back(U'y');
      std::string text;
      icu::UnicodeString::fromUTF32(characters.data(), static_cast<std::int32_t>(characters.size())).toUTF8String(text);
      const std::string once = normalised(text, NormalForm::nfc);
      ASSERT_EQ(once, stream_safe(characters)) << length << " behind " << shift;
      ASSERT_EQ(normalised(once, NormalForm::nfc), once);
      EXPECT_EQ(normalised(text, NormalForm::none), text);
    }
  }
}

TEST(NormaliseUnicode, TwiceIsOnceForMarksThatDecompose) {
  for (const std::string mark : {"\u0344", "\u0f73", "\uff9e", "\u0340"}) {
    for (const std::string base : {"", "é", "\u1fb7", "\U0001d160"}) {
      for (const NormalForm form : {NormalForm::nfc, NormalForm::nfkc}) {
        const std::string once = normalised(base + repeated(mark, 700), form);
        EXPECT_EQ(normalised(once, form), once) << base << mark;
      }
    }
  }
}

TEST(NormaliseUnicode, EndsOnHugeTexts) {
  constexpr std::size_t many = 500'000;
  const std::vector<std::string> texts = {
      repeated("\u0301", 2 * many), "a" + repeated("\u0301", many) + repeated("\u0316", many),
      repeated("a\u0344", many),    repeated("\u1112\u1161", many),
      repeated("\r", 4 * many),     repeated("\ufeff", many),
      repeated("\u0f73", many),     repeated("\x80", many)};
  for (const std::string& text : texts) {
    const std::string once = normalised(text, NormalForm::nfc);
    EXPECT_TRUE(normalised(once, NormalForm::nfc) == once) << text.substr(0, 10);
  }
}

}  // namespace
}  // namespace farpoint::clean
