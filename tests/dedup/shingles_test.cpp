// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/shingles.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <string>

#include "farpoint/base/error.hpp"

namespace farpoint::dedup {
namespace {

using Hashes = std::vector<std::uint64_t>;

/// The shingles of a text of ASCII as texts.
std::vector<std::string> reference_places(std::string text, std::size_t n) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  std::vector<std::string> shingles;
  for (std::size_t i = 0; i == 0 ? !words.empty() : i + n <= words.size(); ++i) {
    std::string shingle;
    for (std::size_t k = i; k < std::min(i + n, words.size()); ++k) shingle += words[k] + " ";
    shingles.push_back(shingle);
  }
  return shingles;
}

double reference_jaccard(const std::string& x, const std::string& y, std::size_t n) {
  const auto a = reference_places(x, n);
  const auto b = reference_places(y, n);
  const std::set<std::string> first(a.begin(), a.end());
  const std::set<std::string> second(b.begin(), b.end());
  const auto shared = std::count_if(first.begin(), first.end(), [&](const auto& s) { return second.contains(s); });
  const auto either = first.size() + second.size() - static_cast<std::size_t>(shared);
  return either == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(either);
}

Hashes set_of(const std::string& text, std::size_t n) {
  Hashes set{7};
  Shingler(n).shingle(text, set);
  return set;
}

std::string words_of(const std::vector<int>& draws) {
  std::string text;
  for (const int draw : draws) text += "w" + std::to_string(draw % 5) + (draw % 3 == 0 ? "\n" : " ");
  return text;
}

TEST(Shingles, OfShortTextsAreAllTheirWords) {
  EXPECT_TRUE(set_of("", 5).empty());
  EXPECT_TRUE(set_of(" \n ", 5).empty());
  EXPECT_EQ(set_of("one", 5).size(), 1U);
  EXPECT_EQ(set_of("one two three four", 5).size(), 1U);
  EXPECT_EQ(set_of("one two three four five", 5).size(), 1U);
  EXPECT_EQ(set_of("one two three four five six", 5).size(), 2U);
  EXPECT_EQ(set_of("One  Two", 5), set_of("one two", 5));
  EXPECT_NE(set_of("one two", 5), set_of("two one", 5));
  EXPECT_NE(set_of("one one", 5), set_of("one", 5));
}

TEST(Shingles, OfNoWordsAreRefused) {
  EXPECT_THROW(Shingler(0), UsageError);
}

RC_GTEST_PROP(Shingles, AreThoseOfTheReference, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 8);
  const auto text = words_of(*rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100)));
  const auto expected = reference_places(text, n);
  Hashes places{1, 2, 3};
  Shingler(n).shingle_places(text, places);
  RC_ASSERT(places.size() == expected.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) RC_ASSERT((places[i] == places[j]) == (expected[i] == expected[j]));
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  RC_ASSERT(set_of(text, n) == places);
}

RC_GTEST_PROP(Shingles, ShareAsMuchAsThoseOfTheReference, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 4);
  const auto draws = rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30));
  const std::string x = words_of(*draws);
  const std::string y = *rc::gen::arbitrary<bool>() ? x + words_of(*draws) : words_of(*draws);
  RC_ASSERT(jaccard(set_of(x, n), set_of(y, n)) == reference_jaccard(x, y, n));
}

TEST(Shingles, TakeLinearTimeOnHostileTexts) {
  std::string same;
  while (same.size() < 10'000'000) same += "a ";
  EXPECT_EQ(set_of(same, 5).size(), 1U);
  EXPECT_EQ(set_of(same, 100'000).size(), 1U);
}

}  // namespace
}  // namespace farpoint::dedup
