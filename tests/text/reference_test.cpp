// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sample.hpp"

namespace farpoint::text {
namespace {

const std::vector<std::string> fragments = {"the",      "The",
                                            "THE",      "internationally",
                                            "internet", "abcde",
                                            "abcdef",   "a",
                                            "x1",       "42",
                                            "naïve",    "ÉTÉ",
                                            "Straße",   "co\u00adoperate",
                                            "नमस्ते",     "ภาษาไทย",
                                            "한국어",   "コーヒー",
                                            "ひらがな", "北京",
                                            "北",       "大学",
                                            "〇",       "ＡＢＣ１",
                                            "𠀀",       "😀",
                                            "❤️",   "👩‍🔬",
                                            "→",        "e\u0301",
                                            " ",        " ",
                                            " ",        "\n",
                                            ", ",       "。",
                                            "！",       "-",
                                            "",         "\u200b",
                                            "\xff",     "\xc3",
                                            "\xe5\x8c", "\xed\xa0\x80",
                                            "\xf0\x9f", "\xc0\xaf",
                                            "\xf8",     "\xef\xbf\xbd"};

rc::Gen<std::string> any_text() {
  const auto pieces = rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(fragments));
  return rc::gen::map(pieces, [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += part;
    return text;
  });
}

rc::Gen<std::vector<std::string>> any_texts() {
  return rc::gen::container<std::vector<std::string>>(any_text());
}

/// Few buckets, so that features collide, and a dimension that is no multiple of the blocks.
HashedTfidfOptions any_options() {
  HashedTfidfOptions options;
  options.dimension = *rc::gen::element<std::size_t>(8, 13, 100, 384);
  options.buckets = *rc::gen::element<std::size_t>(2, 64, 1U << 12);
  options.seed = *rc::gen::arbitrary<std::uint64_t>();
  return options;
}

RC_GTEST_PROP(Reference, gives_the_same_document_counts, ()) {
  const auto options = any_options();
  const auto texts = *any_texts();
  DocumentFrequencies frequencies(options);

  for (const std::string& text : texts) frequencies.add(text);

  const std::vector<std::uint64_t> counts(frequencies.counts().begin(), frequencies.counts().end());
  RC_ASSERT(frequencies.documents() == texts.size());
  RC_ASSERT(counts == reference::document_counts(texts, options));
}

RC_GTEST_PROP(Reference, gives_the_same_vectors_to_the_bit, ()) {
  const auto options = any_options();
  const auto texts = *any_texts();
  const auto weights = weights_of(texts, options);
  const HashedTfidf embedder(options, weights);

  for (const std::string& text : texts) {
    RC_ASSERT(embedded(embedder, text, options.dimension) == reference::embedding(text, weights, options));
  }
}

RC_GTEST_PROP(Reference, agrees_on_arbitrary_bytes, (const std::string& bytes)) {
  HashedTfidfOptions options;
  options.buckets = 1U << 10;
  const auto weights = weights_of({bytes}, options);
  const HashedTfidf embedder(options, weights);

  RC_ASSERT(embedded(embedder, bytes, options.dimension) == reference::embedding(bytes, weights, options));
}

// The reference is only as good as what it is checked against: tokens a reader can name.
TEST(ReferenceTokens, are_folded_words_and_single_characters_of_scripts_without_spaces) {
  using Tokens = std::vector<std::u32string>;

  EXPECT_EQ(reference::tokens("The co\u00adoperative's 3rd, naïve ÉTÉ"),
            (Tokens{U"the", U"cooperative", U"s", U"3rd", U"naïve", U"été"}));
  EXPECT_EQ(reference::tokens("用GPT4写ＡＢＣ。好！"), (Tokens{U"用", U"gpt4", U"写", U"abc", U"好"}));
  EXPECT_EQ(reference::tokens("コーヒー"), (Tokens{U"コ", U"ー", U"ヒ", U"ー"}));
  EXPECT_EQ(reference::tokens("한국어 नमस्ते ไทย"), (Tokens{U"한국어", U"नमस्ते", U"ไ", U"ท", U"ย"}));
  EXPECT_EQ(reference::tokens("a\xff"
                              "b \xef\xbf\xbd 😀❤️"),
            (Tokens{U"a", U"b", U"😀", U"❤"}));
  EXPECT_EQ(reference::tokens(" .,;!? \n"), Tokens{});
}

}  // namespace
}  // namespace farpoint::text
