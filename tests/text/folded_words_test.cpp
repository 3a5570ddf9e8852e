// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/folded_words.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "reference.hpp"

namespace farpoint::text {
namespace {

std::vector<std::uint64_t> hashes_of(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  append_folded_words(text, hashes);
  return hashes;
}

TEST(FoldedWords, fold_case_and_leave_punctuation_out) {
  EXPECT_EQ(hashes_of("Red, BLUE; red!"), hashes_of("red blue red"));
  EXPECT_EQ(hashes_of("我爱你。"), hashes_of("我 爱 你"));
  EXPECT_NE(hashes_of("red blue"), hashes_of("blue red"));
  EXPECT_TRUE(hashes_of("... --").empty());
}

TEST(FoldedWords, are_appended) {
  std::vector<std::uint64_t> hashes;
  append_folded_words("one two", hashes);
  append_folded_words("three", hashes);
  EXPECT_EQ(hashes, hashes_of("one two three"));
}

RC_GTEST_PROP(FoldedWords, have_one_hash_for_each_word_of_the_embedding, ()) {
  static const std::vector<std::string> pieces = {"a",      "B", "b",    " ", "-", "我",
                                                  "\u00e9", "É", "\xff", "ท", "9", "\u00ad"};
  const auto chosen = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, pieces.size()));
  std::string text;
  for (const std::size_t i : chosen) text += pieces[i];
  const auto words = reference::tokens(text);
  const auto hashes = hashes_of(text);

  RC_ASSERT(hashes.size() == words.size());
  std::map<std::u32string, std::uint64_t> hash_of;
  std::map<std::uint64_t, std::u32string> word_of;
  for (std::size_t i = 0; i < words.size(); ++i) {
    RC_ASSERT(hash_of.emplace(words[i], hashes[i]).first->second == hashes[i]);
    RC_ASSERT(word_of.emplace(hashes[i], words[i]).first->second == words[i]);
  }
}

}  // namespace
}  // namespace farpoint::text
