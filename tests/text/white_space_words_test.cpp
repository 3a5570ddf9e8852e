// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/white_space_words.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <map>
#include <string>

namespace farpoint::text {
namespace {

using Words = std::vector<std::u32string>;

bool stands_alone(UChar32 c) {
  const UCharCategory category = static_cast<UCharCategory>(u_charType(c));
  const bool is_letter = u_isalpha(c) || u_isdigit(c) || (U_GET_GC_MASK(c) & (U_GC_M_MASK | U_GC_L_MASK)) != 0 ||
                         category == U_LETTER_NUMBER;
  if (!is_letter) return false;
  return u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT || uscript_hasScript(c, USCRIPT_HAN) ||
         uscript_hasScript(c, USCRIPT_HIRAGANA) || uscript_hasScript(c, USCRIPT_KATAKANA);
}

/// Character by character, as the header says it.
Words reference(const std::string& utf8) {
  Words words;
  std::u32string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  const auto size = static_cast<std::int32_t>(utf8.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(utf8.data(), at, size, c);
    if (u_isUWhiteSpace(c)) {
      end_word();
      continue;
    }
    if (stands_alone(c)) end_word();
    word += static_cast<char32_t>(u_foldCase(c, U_FOLD_CASE_DEFAULT));
    if (stands_alone(c)) end_word();
  }
  end_word();
  return words;
}

std::vector<std::uint64_t> hashes_of(const std::string& utf8) {
  std::vector<std::uint64_t> hashes;
  append_word_hashes(utf8, hashes);
  return hashes;
}

/// That hashes are equal where words are, over all texts that it has seen.
class Dictionary {
 public:
  void check(const std::string& utf8) {
    const Words words = reference(utf8);
    const auto hashes = hashes_of(utf8);
    ASSERT_EQ(hashes.size(), words.size()) << utf8;
    for (std::size_t i = 0; i < words.size(); ++i) {
      EXPECT_EQ(hash_of_.try_emplace(words[i], hashes[i]).first->second, hashes[i]) << utf8;
      EXPECT_EQ(word_of_.try_emplace(hashes[i], words[i]).first->second, words[i]) << utf8;
    }
  }

 private:
  std::map<std::u32string, std::uint64_t> hash_of_;
  std::map<std::uint64_t, std::u32string> word_of_;
};

TEST(WhiteSpaceWords, AreSplitFoldedAndKeepTheirPunctuation) {
  EXPECT_EQ(hashes_of("The CAT,  sat\ton\r\nthe mat.").size(), 6U);
  EXPECT_EQ(hashes_of("HELLO World"), hashes_of(" hello\u3000wORLD\n"));
  EXPECT_NE(hashes_of("mat."), hashes_of("mat"));
  EXPECT_EQ(hashes_of("ÉTÉ"), hashes_of("été"));
  EXPECT_EQ(hashes_of("\u212Aelvin"), hashes_of("kelvin"));  // the sign of the unit folds to ASCII
  EXPECT_EQ(hashes_of("我喜欢 it").size(), 4U);
  EXPECT_EQ(hashes_of("abc我").size(), 2U);
  EXPECT_TRUE(hashes_of(" \t\u00a0\u2003").empty());
  EXPECT_TRUE(hashes_of("").empty());
}

TEST(WhiteSpaceWords, AreThoseOfTheReferenceAtEveryPlaceOfABlock) {
  Dictionary dictionary;
  for (std::size_t before = 0; before < 140; ++before) {
    const std::string filler(before, 'x');
    for (const char* rest : {"", " ", " a", "é b", " é", "\u3000c D", "中文", " \xff", "AbCdEfGhIjKlMnOpQrS [`{@"}) {
      dictionary.check(filler + rest);
      dictionary.check(std::string(before, ' ') + rest);
      dictionary.check(rest + filler + rest);
    }
  }
}

TEST(WhiteSpaceWords, FoldExactlyTheLettersOfAscii) {
  Dictionary dictionary;
  for (int first = 0; first < 128; ++first) {
    for (int second = 0; second < 128; ++second) {
      dictionary.check({static_cast<char>(first), 'q', static_cast<char>(second), '0', '1', '2', '3', '4', '5', 'R'});
    }
  }
}

RC_GTEST_PROP(WhiteSpaceWords, AreThoseOfTheReference, ()) {
  static Dictionary dictionary;
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "B", "word", "Words.", " ", "  ", "\n", "\t", "\u00a0", "\u2028", "É",
                                    "straße", "中", "か", "ไทย", "，", "😀", "\u00ad", "\u0301", "\xe4\xb8", "\xff",
                                    std::string(1, '\0'), "0123456789abcdefXYZ", "\x1f", "\x85", "\u0085"));
  std::string text;
  for (const auto& part : parts) text += part;
  dictionary.check(text);
}

TEST(WhiteSpaceWords, TakeLinearTimeOnHostileTexts) {
  constexpr std::size_t size = 10'000'000;
  EXPECT_EQ(hashes_of(std::string(size, 'a')).size(), 1U);
  std::string mixed;
  while (mixed.size() < size) mixed += "a é\xcc\x81\xcc\x81";
  EXPECT_GT(hashes_of(mixed).size(), 1'000'000U);
  std::string marks = "a";
  while (marks.size() < size) marks += "\xcc\x81";
  EXPECT_EQ(hashes_of(marks).size(), 1U);
}

}  // namespace
}  // namespace farpoint::text
