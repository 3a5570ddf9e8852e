// SPDX-License-Identifier: Apache-2.0
#include "dedup/window_hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace farpoint::dedup {
namespace {

struct Text {
  std::string text;
  std::vector<text::WrittenWord> words;
};

Text text_of(const std::vector<std::size_t>& letters) {
  Text made;
  for (const std::size_t letter : letters) made.text += std::string(1, static_cast<char>('a' + letter)) + " ";
  text::append_written_words(made.text, made.words);
  return made;
}

/// Alone, so that nothing is rolled.
Hash128 fresh_hash(const Text& text, std::size_t window, std::size_t n) {
  WindowHash hash(n);
  hash.begin(text.text, text.words);
  return hash.of(window);
}

RC_GTEST_PROP(WindowHash, is_the_same_for_the_same_words_alone, ()) {
  const auto letters = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 4));
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  const auto steps = *rc::gen::container<std::vector<std::size_t>>(60, rc::gen::inRange<std::size_t>(1, 14));
  const Text text = text_of(letters);
  std::map<std::string, Hash128> hash_of;
  std::map<Hash128, std::string> window_of;
  WindowHash hash(n);
  for (int round = 0; round < 2; ++round) {  // the second begins anew
    hash.begin(text.text, text.words);
    std::size_t step = 0;
    for (std::size_t i = 0; i + n <= text.words.size(); i += round == 0 ? 1 : steps[step++ % steps.size()]) {
      const std::string window = text.text.substr(2 * i, 2 * n);
      const Hash128 found = hash.of(i);
      RC_ASSERT(found == fresh_hash(text, i, n));
      RC_ASSERT(hash_of.emplace(window, found).first->second == found);
      RC_ASSERT(window_of.emplace(found, window).first->second == window);
    }
  }
}

/// Both halves must tell windows apart, each by itself.
TEST(WindowHash, has_two_halves_that_tell_windows_apart) {
  std::map<std::uint64_t, std::string> by_high, by_low;
  for (std::size_t number = 0; number < 4096; ++number) {
    std::vector<std::size_t> letters;
    for (std::size_t bit = 0; bit < 12; ++bit) letters.push_back(number >> bit & 1);
    const Text text = text_of(letters);
    const Hash128 hash = fresh_hash(text, 0, 12);
    EXPECT_TRUE(by_high.emplace(hash.high, text.text).second);
    EXPECT_TRUE(by_low.emplace(hash.low, text.text).second);
  }
}

}  // namespace
}  // namespace farpoint::dedup
