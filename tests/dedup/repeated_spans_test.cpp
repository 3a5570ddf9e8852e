// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/repeated_spans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "mpi_world.hpp"
#include "span_reference.hpp"

namespace farpoint::dedup {
namespace {

using reference::Text;
using Texts = std::vector<Text>;

VisitTexts visit_of(const Texts& texts) {
  return [&texts](const auto& use) {
    for (const Text& text : texts) use(text.id, text.part, text.text);
  };
}

/// Which ranks have the texts.
enum class Deal { in_turn, first_rank, last_rank, mostly_one };

Texts texts_of_rank(const Texts& texts, Deal deal) {
  const auto ranks = static_cast<std::size_t>(world().size());
  Texts own;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::size_t owner = i % ranks;
    if (deal == Deal::first_rank) owner = 0;
    if (deal == Deal::last_rank) owner = ranks - 1;
    if (deal == Deal::mostly_one) owner = i % 5 == 0 ? ranks - 1 : ranks / 2;
    if (owner == static_cast<std::size_t>(world().rank())) own.push_back(texts[i]);
  }
  return own;
}

/// The reference's spans of these texts, when `all` are there.
std::vector<RepeatedSpan> expected_of(const Texts& own, const Texts& all, std::size_t tokens) {
  const auto spans = reference::repeated_spans(all, tokens);
  std::vector<RepeatedSpan> expected;
  for (const Text& text : own) {
    for (const RepeatedSpan& span : spans) {
      if (span.id == text.id && span.part == text.part) expected.push_back(span);
    }
  }
  return expected;
}

bool on_all_ranks(bool holds) {
  return comm::all_reduce(world(), std::uint32_t{holds ? 1U : 0U}, comm::Reduction::min) != 0;
}

std::string repeated(const std::string& piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(RepeatedSpans, leave_the_first_occurrence) {
  const Texts all = {{7, 0, "x  a b c d y"}, {3, 1, "p a b c d q"}, {3, 0, "a b c z"}, {9, 0, "a b"}};
  const Texts own = texts_of_rank(all, Deal::in_turn);

  const auto result = repeated_spans(world(), visit_of(own), {.tokens = 3});

  std::vector<RepeatedSpan> expected;
  for (const Text& text : own) {
    if (text.id == 7) expected.push_back({7, 0, 3, 10, 4});
    if (text.id == 3 && text.part == 1) expected.push_back({3, 1, 2, 7, 3});  // a b c is in part 0, b c d here first
  }
  EXPECT_EQ(result.spans, expected);
  EXPECT_EQ(comm::all_reduce(world(), result.tokens, comm::Reduction::sum), 18);
}

TEST(RepeatedSpans, of_one_text_repeat_its_beginning) {
  const Texts all = {{5, 0, "a a a a a a"}, {6, 0, "b c b c b"}};
  const Texts own = texts_of_rank(all, Deal::in_turn);

  const auto result = repeated_spans(world(), visit_of(own), {.tokens = 3});

  std::vector<RepeatedSpan> expected;
  for (const Text& text : own) {
    if (text.id == 5) expected.push_back({5, 0, 2, 11, 5});
    if (text.id == 6) expected.push_back({6, 0, 4, 9, 3});
  }
  EXPECT_EQ(result.spans, expected);
}

/// All windows have the same fingerprint, at the same place: it occurs once, and yet they are repeats.
TEST(RepeatedSpans, of_windows_that_share_their_only_fingerprint) {
  const bool is_last = world().rank() == world().size() - 1;
  const auto result = repeated_spans(world(),
                                     [&](const auto& use) {
                                       if (is_last) use(5, 0, "a a a a a a");
                                     },
                                     {.tokens = 4});

  if (is_last) {
    EXPECT_EQ(result.fingerprints, 1);
    EXPECT_EQ(result.spans, (std::vector<RepeatedSpan>{{5, 0, 2, 11, 5}}));
  } else {
    EXPECT_TRUE(result.spans.empty());
  }
}

TEST(RepeatedSpans, cost_one_visit_when_nothing_is_repeated) {
  std::size_t visits = 0;
  const auto texts = [&](const auto& use) {
    ++visits;
    if (world().rank() == world().size() - 1) use(1, 0, "one two three four five six seven");
  };

  const auto result = repeated_spans(world(), texts, {.tokens = 4});

  EXPECT_EQ(visits, 1);
  EXPECT_TRUE(result.spans.empty());
  EXPECT_EQ(result.windows, 0);
}

TEST(RepeatedSpans, of_no_text_are_none) {
  EXPECT_TRUE(repeated_spans(world(), visit_of({}), {}).spans.empty());
}

TEST(RepeatedSpans, are_found_in_chinese) {
  const std::string sentence = "我们在这里学习自然语言处理。";
  const auto result = repeated_spans(world(),
                                     [&](const auto& use) {
                                       if (world().rank() == 0) use(0, 0, "前" + sentence);
                                       if (world().rank() == world().size() - 1) use(1, 0, sentence + "后");
                                     },
                                     {.tokens = 10});

  if (world().rank() != world().size() - 1) {
    EXPECT_TRUE(result.spans.empty());
  } else {
    EXPECT_EQ(result.spans, (std::vector<RepeatedSpan>{{1, 0, 0, sentence.size(), 14}}));
  }
}

TEST(RepeatedSpans, need_two_tokens) {
  EXPECT_THROW(repeated_spans(world(), visit_of({}), {.tokens = 1}), UsageError);
}

/// A window whose copies are more than are sent at a time, in texts that are shorter than it, as long, and longer.
TEST(RepeatedSpans, of_many_copies) {
  Texts all;
  for (std::uint64_t id = 0; id < 2000; ++id) {
    all.push_back(
        {id, 0, (id % 3 == 0 ? "the same " : "") + std::string("line of text again") + (id % 7 == 0 ? " !" : "")});
  }
  for (const Deal deal : {Deal::in_turn, Deal::last_rank, Deal::mostly_one}) {
    const Texts own = texts_of_rank(all, deal);
    EXPECT_EQ(repeated_spans(world(), visit_of(own), {.tokens = 4}).spans, expected_of(own, all, 4));
  }
}

TEST(RepeatedSpans, do_not_depend_on_the_memory_budget) {
  Texts all;
  for (std::uint64_t id = 0; id < 30; ++id)
    all.push_back({id, 0, repeated("a b ", id % 4) + repeated("c d e ", id % 5)});
  const Texts own = texts_of_rank(all, Deal::in_turn);
  std::size_t visits = 0;
  const auto counted = [&](const auto& use) {
    ++visits;
    visit_of(own)(use);
  };
  const auto expected = expected_of(own, all, 3);

  EXPECT_EQ(repeated_spans(world(), counted, {.tokens = 3}).spans, expected);
  EXPECT_EQ(visits, 3);
  EXPECT_EQ(repeated_spans(world(), counted, {.tokens = 3, .memory_budget = 4000}).spans, expected);
  EXPECT_GT(visits, 6);
  // As many rounds as there are windows, and no more.
  EXPECT_EQ(repeated_spans(world(), counted, {.tokens = 3, .memory_budget = 0}).spans, expected);
  EXPECT_LT(visits, 1000);
}

/// Every window repeats the first, and a fingerprint stands for as many as it can. Steps for each pair would not end in
/// time.
TEST(RepeatedSpans, of_ten_megabytes_of_one_word) {
  const std::size_t words = 5'000'000;
  const std::string text = repeated("a ", words);

  const auto result = repeated_spans(world(),
                                     [&](const auto& use) {
                                       if (world().rank() == 0) use(4, 2, text);
                                     },
                                     {});

  if (world().rank() == 0) {
    EXPECT_EQ(result.spans, (std::vector<RepeatedSpan>{{4, 2, 2, 2 * words - 1, words - 1}}));
    EXPECT_LT(result.fingerprints, words / 25);
  }
}

struct Case {
  Texts texts;
  std::size_t tokens;
  Deal deal;
  std::size_t budget;
};

/// Texts over few words, some with the same stretches, in any order of ids and parts.
Case draw_case() {
  Case drawn;
  const auto alphabet = *rc::gen::inRange<std::size_t>(1, 5);
  const auto word = rc::gen::inRange<std::size_t>(0, alphabet);
  const auto words =
      *rc::gen::container<std::vector<std::vector<std::size_t>>>(rc::gen::container<std::vector<std::size_t>>(word));
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string text = i % 3 == 1 ? " " : "";
    for (const std::size_t w : words[i]) text += std::string(w + 1, static_cast<char>('a' + w)) + (w == 0 ? "  " : " ");
    drawn.texts.push_back({i / 2 * 7 % 11 + i / 22 * 11, static_cast<std::uint32_t>(i % 2), text});
  }
  if (*rc::gen::arbitrary<bool>()) std::reverse(drawn.texts.begin(), drawn.texts.end());
  drawn.tokens = *rc::gen::inRange<std::size_t>(2, 9);
  drawn.deal = *rc::gen::element(Deal::in_turn, Deal::first_rank, Deal::last_rank, Deal::mostly_one);
  drawn.budget = *rc::gen::element<std::size_t>(5000, 20'000, std::size_t{1} << 30);
  return drawn;
}

RC_GTEST_PROP(RepeatedSpans, are_those_of_the_reference, ()) {
  const Case drawn = draw_case();
  const Texts own = texts_of_rank(drawn.texts, drawn.deal);

  const auto result = repeated_spans(world(), visit_of(own), {.tokens = drawn.tokens, .memory_budget = drawn.budget});

  // Ranks that go on differently would wait for each other.
  RC_ASSERT(on_all_ranks(result.spans == expected_of(own, drawn.texts, drawn.tokens)));
}

/// As above, in corpora of long texts, where most windows are unique.
RC_GTEST_PROP(RepeatedSpans, of_copied_stretches_are_those_of_the_reference, ()) {
  const auto lengths = *rc::gen::container<std::vector<std::size_t>>(12, rc::gen::inRange<std::size_t>(0, 60));
  const auto copies = *rc::gen::container<std::vector<std::pair<std::size_t, std::size_t>>>(
      12, rc::gen::pair(rc::gen::inRange<std::size_t>(0, 300), rc::gen::inRange<std::size_t>(0, 30)));
  const auto tokens = *rc::gen::inRange<std::size_t>(2, 20);
  const auto deal = *rc::gen::element(Deal::in_turn, Deal::mostly_one);
  std::vector<std::string> written;
  Texts all;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    Text text{i, 0, ""};
    const auto write = [&](const std::string& word) { text.text += word + " "; };
    for (std::size_t k = 0; k < lengths[i]; ++k) {
      written.push_back("w" + std::to_string(written.size()));
      write(written.back());
    }
    const auto [from, count] = copies[i];
    for (std::size_t k = from; k < std::min(from + count, written.size()); ++k) write(written[k]);
    all.push_back(text);
  }
  const Texts own = texts_of_rank(all, deal);

  const auto result = repeated_spans(world(), visit_of(own), {.tokens = tokens});

  RC_ASSERT(on_all_ranks(result.spans == expected_of(own, all, tokens)));
}

TEST(RepeatedSpans, of_texts_that_change_between_visits_are_refused) {
  if (world().size() > 1) GTEST_SKIP() << "ends all ranks";
  std::size_t visits = 0;
  const auto grows = [&](const auto& use) {
    use(0, 0, "a b c a b c");
    if (++visits > 1) use(1, 0, "a b c a b c");
  };
  EXPECT_THROW(repeated_spans(world(), grows, {.tokens = 3}), Error);
  visits = 0;
  const auto other = [&](const auto& use) { use(0, 0, ++visits > 1 ? "a b" : "a b c a b c"); };
  EXPECT_THROW(repeated_spans(world(), other, {.tokens = 3}), Error);
}

}  // namespace
}  // namespace farpoint::dedup
