// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "samples.hpp"

namespace farpoint::tokenizer {
namespace {

/// Of few different bytes, so that sequences of UTF-8 begin, go on and break off.
std::string random_bytes(std::uint64_t stream, std::size_t length) {
  static constexpr std::string_view bytes = "ab \n'3\xe4\xbd\xa0\xf0\x9f\x98\x80\xc3\xa9\xff\xed\xa0\x80\x00<s>";
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint64_t bits = random_bits(5, stream, i);
    text += bits % 4 == 0 ? static_cast<char>(bits >> 8) : bytes[(bits >> 8) % bytes.size()];
  }
  return text;
}

TEST(HostileTextTest, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  for (const std::string& name : golden_names) {
    const Tokenizer tokenizer = golden_tokenizer(name);
    const std::vector<std::string_view> texts = {"a\xff b", "\xe4\xbd", "fine", "\xed\xa0\x80", "\xf0\x9f\x98 \xc3("};
    const std::vector<std::string_view> replaced = {"a\ufffd b", "\ufffd", "fine", "\ufffd\ufffd\ufffd",
                                                    "\ufffd \ufffd("};
    const auto lists = tokenizer.encode(texts);
    EXPECT_EQ(rows(lists), rows(tokenizer.encode(replaced))) << name;
    EXPECT_EQ(lists.records_with_bad_utf8, 4) << name;
    EXPECT_EQ(tokenizer.encode_pairs(texts, replaced).records_with_bad_utf8, 4) << name;
  }
}

TEST(HostileTextTest, NothingGivesTheSpecialTokens) {
  const Tokenizer tokenizer = golden_tokenizer("wordpiece");
  EXPECT_EQ(encode_one(tokenizer, ""), encode_one(tokenizer, std::string_view()));
  EXPECT_EQ(encode_one(tokenizer, "").size(), 2);
  EXPECT_EQ(encode_one(tokenizer, "", {.special_tokens = false}).size(), 0);
  const auto none = tokenizer.encode({});
  EXPECT_EQ(none.size(), 0);
  EXPECT_THAT(none.offsets, testing::ElementsAre(0));
  EXPECT_EQ(tokenizer.decode({}), "");
}

TEST(HostileTextTest, LimitBelowTheSpecialTokensIsRefused) {
  const Tokenizer tokenizer = golden_tokenizer("wordpiece");
  EXPECT_THROW(encode_one(tokenizer, "a", {.max_tokens = 1}), UsageError);
  EXPECT_EQ(encode_one(tokenizer, "a", {.max_tokens = 2}).size(), 2);
  EXPECT_EQ(encode_one(tokenizer, "a", {.special_tokens = false, .max_tokens = 1}).size(), 1);
  const std::vector<std::string_view> one = {"a"}, two = {"a", "b"};
  EXPECT_THROW(tokenizer.encode_pairs(one, one, {.max_tokens = 2}), UsageError);
  EXPECT_EQ(tokenizer.encode_pairs(one, one, {.max_tokens = 3}).ids.size(), 3);
  EXPECT_THROW(tokenizer.encode_pairs(one, two), Error);
}

TEST(HostileTextTest, LargestLimitIsNone) {
  const Tokenizer tokenizer = golden_tokenizer("wordpiece");
  const std::string text(5000, 'a');
  EXPECT_EQ(encode_one(tokenizer, text, {.max_tokens = SIZE_MAX}), encode_one(tokenizer, text));
}

TEST(HostileTextTest, HugeTextsWithoutWordsEnd) {
  constexpr std::size_t size = 1 << 15;
  std::vector<std::string> texts = {std::string(size, 'a'), std::string(size, ' '), std::string(size, '\n'),
                                    std::string(size, '1'), std::string(size, '\xff')};
  std::string han, marks;
  while (han.size() < size) han += "的";
  while (marks.size() < size) marks += "\u0301";
  texts.insert(texts.end(), {han, marks});
  for (const std::string& name : golden_names) {
    const Tokenizer tokenizer = golden_tokenizer(name);
    const auto whole = tokenizer.encode(views(texts));
    const auto cut = tokenizer.encode(views(texts), {.max_tokens = 16});
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto kept = std::min(whole[i].size(), cut[i].size()) - tokenizer.back().size();
      EXPECT_TRUE(std::equal(cut[i].begin(), cut[i].begin() + static_cast<std::ptrdiff_t>(kept), whole[i].begin()))
          << name << ", text " << i;
    }
  }
}

TEST(HostileTextTest, RandomBytesDoNoHarm) {
  constexpr std::size_t texts = 100'000;
  constexpr std::size_t batch = 1000;
  std::vector<Tokenizer> tokenizers;
  for (const std::string& name : golden_names) tokenizers.push_back(golden_tokenizer(name));
  for (std::size_t begin = 0; begin < texts; begin += batch) {
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < batch; ++i) strings.push_back(random_bytes(begin + i, (begin + i) % 40));
    const Tokenizer& tokenizer = tokenizers[begin / batch % tokenizers.size()];
    const auto lists = tokenizer.encode(views(strings), {.max_tokens = 20});
    ASSERT_EQ(lists.size(), batch);
    for (const std::uint32_t id : lists.ids) ASSERT_LT(id, tokenizer.vocab_size());
    tokenizer.decode(lists[batch - 1]);
  }
}

TEST(HostileTextTest, AnyNumberOfThreadsGivesTheSame) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 500; ++i) texts.push_back(random_bytes(i, i * 7 % 400));
  const Tokenizer tokenizer = golden_tokenizer("llama3");
  const auto before = tokenizer.encode(views(texts), {.max_tokens = 50});
  const auto pairs_before = tokenizer.encode_pairs(views(texts), views(texts), {.max_tokens = 51});
  set_threads(7);
  const auto after = tokenizer.encode(views(texts), {.max_tokens = 50});
  const auto pairs_after = tokenizer.encode_pairs(views(texts), views(texts), {.max_tokens = 51});
  set_threads(1);
  const auto alone = tokenizer.encode(views(texts), {.max_tokens = 50});
  EXPECT_EQ(before.ids, after.ids);
  EXPECT_EQ(before.offsets, after.offsets);
  EXPECT_EQ(before.truncated, after.truncated);
  EXPECT_EQ(before.records_with_bad_utf8, after.records_with_bad_utf8);
  EXPECT_EQ(pairs_before.ids, pairs_after.ids);
  EXPECT_EQ(pairs_before.type_ids, pairs_after.type_ids);
  EXPECT_EQ(alone.ids, after.ids);
}

}  // namespace
}  // namespace farpoint::tokenizer
