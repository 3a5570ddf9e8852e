// SPDX-License-Identifier: Apache-2.0
// Of a long text only its beginning is tokenised where max_tokens allows. The reference tokenises all of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "farpoint/base/random.hpp"
#include "samples.hpp"
#include "temporary_folder.hpp"

namespace farpoint::tokenizer {
namespace {

/// Texts of these pieces have all that could make ids depend on what follows.
const std::vector<std::string> pieces = {
    "the", "river", "Value", "an",     "x",      "Z9",   "12345",  "1",      "é",         "e\u0301", "naïve",
    "n",   "的",    "世界",  "你好",   "ß",      "И",    "한",     "かな",   " ",         " ",       " ",
    "  ",  "   ",   "\n",    "\n\n",   "\r\n",   "\t",   "\u00a0", "\u3000", "，",        "。",      "！",
    ".",   "...",   "'s",    "'",      "’ll",    "-",    "/",      "<s>",    "</s>",      "<mask>",  "[MASK]",
    "▁",   "▁▁",    "🙂",  "\u200b", "\u0301", "\x01", "\ufeff", "½",      "İ",         "Ŀ",       "ŉ",
    "Ά",   "=====", "{",     "}\n",    ";\n",    " \n ", "\"",     "\u2028", "<|im_end|>"};

std::string long_text(std::uint64_t stream, std::size_t bytes) {
  // Each text favours some pieces, and so has long runs of one kind.
  const std::size_t kinds = 2 + random_bits(1, stream, 0) % 12;
  std::string text;
  for (std::uint64_t i = 1; text.size() < bytes; ++i) {
    const std::uint64_t bits = random_bits(2, stream, i);
    const std::size_t kind = (bits >> 20) % kinds;
    text += bits % 8 == 0 ? pieces[(bits >> 8) % pieces.size()] : pieces[random_bits(3, stream, kind) % pieces.size()];
  }
  return text;
}

/// What is kept of the whole list of ids.
std::vector<std::uint32_t> cut(const std::vector<std::uint32_t>& ids, std::size_t most, const Tokenizer& tokenizer) {
  std::vector<std::uint32_t> out = tokenizer.front();
  out.insert(out.end(), ids.begin(),
             ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), most - tokenizer.added_to_text())));
  out.insert(out.end(), tokenizer.back().begin(), tokenizer.back().end());
  return out;
}

void expect_same(const Tokenizer& tokenizer, const std::string& name, std::size_t texts) {
  for (std::uint64_t stream = 0; stream < texts; ++stream) {
    const std::string text = long_text(stream, 1500 + random_bits(4, stream, 0) % 6000);
    const auto whole = encode_one(tokenizer, text, {.special_tokens = false});
    for (const std::size_t most : {3, 8, 40, 100, 700}) {
      const std::array<std::string_view, 1> one = {text};
      const auto lists = tokenizer.encode(one, {.max_tokens = most});
      ASSERT_EQ(lists.ids, cut(whole, most, tokenizer)) << name << ", text " << stream << ", " << most << " tokens";
      ASSERT_EQ(lists.truncated[0], whole.size() > most - tokenizer.added_to_text()) << name << ", text " << stream;
    }
  }
}

class BeginningTest : public testing::TestWithParam<std::string> {};

TEST_P(BeginningTest, GivesTheIdsOfTheWhole) {
  const Tokenizer tokenizer = golden_tokenizer(GetParam());
  EXPECT_TRUE(tokenizer.uses_beginnings());
  expect_same(tokenizer, GetParam(), 60);
}

TEST_P(BeginningTest, OfPairsToo) {
  const Tokenizer tokenizer = golden_tokenizer(GetParam());
  for (std::uint64_t stream = 0; stream < 40; ++stream) {
    const std::string a = long_text(stream, 30 + random_bits(4, stream, 1) % 8000);
    const std::string b = long_text(stream + 1000, 30 + random_bits(4, stream, 2) % 8000);
    const std::array<std::string_view, 1> first = {a}, second = {b};
    const auto whole_a = encode_one(tokenizer, a, {.special_tokens = false});
    const auto whole_b = encode_one(tokenizer, b, {.special_tokens = false});
    for (const std::size_t most : {9, 10, 63, 64}) {
      const auto lists = tokenizer.encode_pairs(first, second, {.special_tokens = false, .max_tokens = most});
      std::size_t kept_a = whole_a.size(), kept_b = whole_b.size();
      // One token after the other from the longer one; of two equally long ones the second keeps an odd one.
      if (kept_a + kept_b > most) {
        const std::size_t shorter = std::min({kept_a, kept_b, most / 2});
        (kept_a > kept_b ? kept_b : kept_a) = shorter;
        (whole_a.size() > whole_b.size() ? kept_a : kept_b) = most - shorter;
      }
      std::vector<std::uint32_t> expected(whole_a.begin(), whole_a.begin() + static_cast<std::ptrdiff_t>(kept_a));
      expected.insert(expected.end(), whole_b.begin(), whole_b.begin() + static_cast<std::ptrdiff_t>(kept_b));
      ASSERT_EQ(lists.ids, expected) << "texts " << stream << ", " << most << " tokens";
      ASSERT_EQ(lists.truncated[0], whole_a.size() + whole_b.size() > most);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BeginningTest, testing::ValuesIn(golden_names),
                         [](const auto& test) { return test.param; });

/// A golden tokenizer with some parts of its file changed.
Tokenizer changed(const std::string& name, const nlohmann::json& patch) {
  const TemporaryFolder folder;
  auto json = read_json(golden_folder / name / "tokenizer.json");
  json.merge_patch(patch);
  std::ofstream(folder / "tokenizer.json") << json.dump();
  return Tokenizer(folder / "tokenizer.json");
}

nlohmann::json split_by(const std::string& pattern) {
  return {{"pre_tokenizer",
           {{"type", "Sequence"},
            {"pretokenizers",
             {{{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}},
              {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}}}}}}};
}

TEST(BeginningOfKnownKindsTest, PublishedPatternsAreKnown) {
  const std::vector<std::string> patterns = {
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
      R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
  };
  for (const std::string& pattern : patterns) {
    const Tokenizer tokenizer = changed("byte_level", split_by(pattern));
    EXPECT_TRUE(tokenizer.uses_beginnings()) << pattern;
    expect_same(tokenizer, pattern, 20);
  }
}

TEST(BeginningOfKnownKindsTest, NormalizersMayRewriteSpacesAndLetters) {
  const auto replace = [](const nlohmann::json& pattern, const std::string& content) {
    return nlohmann::json{{"type", "Replace"}, {"pattern", pattern}, {"content", content}};
  };
  const auto sequence = [](const nlohmann::json& parts) {
    return nlohmann::json{{"normalizer", {{"type", "Sequence"}, {"normalizers", parts}}}};
  };
  // XLM-R as newer versions convert it
  auto patch =
      sequence({{{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}}, replace({{"Regex", " {2,}"}}, "▁")});
  const auto metaspace = read_json(golden_folder / "unigram" / "tokenizer.json")["pre_tokenizer"];
  patch["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", {{{"type", "WhitespaceSplit"}}, metaspace}}};
  EXPECT_TRUE(changed("unigram", patch).uses_beginnings());
  expect_same(changed("unigram", patch), "XLM-R", 20);

  // Gemma
  patch = sequence(nlohmann::json::array({replace({{"String", " "}}, "▁")}));
  patch["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithPrevious"}, {"invert", false}};
  EXPECT_TRUE(changed("llama2", patch).uses_beginnings());
  expect_same(changed("llama2", patch), "Gemma", 20);

  patch = sequence({{{"type", "NFKD"}}, {{"type", "Lowercase"}}});
  EXPECT_TRUE(changed("llama3", patch).uses_beginnings());
  expect_same(changed("llama3", patch), "decomposed", 20);
}

TEST(BeginningOfKnownKindsTest, IsNotUsedWhereIdsCouldDependOnWhatFollows) {
  EXPECT_FALSE(golden_tokenizer("without_cuts").uses_beginnings());
  expect_same(golden_tokenizer("without_cuts"), "without_cuts", 15);
  EXPECT_FALSE(changed("byte_level", split_by(R"(\w+)")).uses_beginnings());
  EXPECT_FALSE(changed("byte_level", {{"pre_tokenizer", nullptr}}).uses_beginnings());
  EXPECT_FALSE(changed("llama2", {{"normalizer", nullptr}}).uses_beginnings());
  // A token across two words
  auto json = read_json(golden_folder / "llama2" / "tokenizer.json");
  json["model"]["vocab"]["e▁t"] = json["model"]["vocab"].size();
  EXPECT_FALSE(changed("llama2", {{"model", json["model"]}}).uses_beginnings());
}

TEST(BeginningOfKnownKindsTest, TokenWithSpacesForbidsCutsAtSpaces) {
  auto added = read_json(golden_folder / "unigram" / "tokenizer.json")["added_tokens"];
  auto token = added[0];
  token["id"] = 5000;
  token["content"] = "   ";
  added.push_back(token);
  const Tokenizer with_indent = changed("unigram", {{"added_tokens", added}});
  EXPECT_TRUE(with_indent.uses_beginnings());
  expect_same(with_indent, "a token of spaces alone", 15);
  token["content"] = "the river";
  token["id"] = 5001;
  added.push_back(token);
  const Tokenizer with_two_words = changed("unigram", {{"added_tokens", added}});
  EXPECT_FALSE(with_two_words.uses_beginnings());
  expect_same(with_two_words, "a token of two words", 15);
}

TEST(BeginningOfKnownKindsTest, MegabytesCostNoMoreThanTheirBeginning) {
  const Tokenizer tokenizer = golden_tokenizer("wordpiece");
  std::string text;
  while (text.size() < std::size_t{64} << 20) text += "the river and the mountain of a long story ";
  // All of it has 14 million tokens.
  EXPECT_EQ(encode_one(tokenizer, text, {.max_tokens = 256}).size(), 256);
}

}  // namespace
}  // namespace farpoint::tokenizer
