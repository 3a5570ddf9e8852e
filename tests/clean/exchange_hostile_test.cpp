// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "exchanges.hpp"

namespace farpoint::clean {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + piece.size());
  while (text.size() < bytes) text += piece;
  return text;
}

/// Quadratic time would be a minute or more for each of these. The tests' time limit is the judge.
TEST(HostileExchange, takes_linear_time) {
  for (const char* piece :
       {"a",         " ",          "\n",    "a ",  ". ",     "`",      "```",    "``` ",       "[",
        "[insert ",  "{{",         "{{a",   "(",   "1.\n",   "- \n",   "-\n",    "\n\n1. a\n", "I'm sorry, ",
        "as an ai ", "sorry but ", "。",    "，",  "\u3000", "\u0301", "抱歉，", "我",         "<|",
        "|>",        "</s>",       "<|a|>", "N/A", "x",      "Xx",     "\xff",   "\xc3",       "\xf0\x9f",
        "Anna: ",    "a, ",        "_",     "$",   "${",     "'",      "\"",     "#"}) {
    const std::string text = repeated(piece, 300'000);
    for (const auto& record :
         {one_exchange("why is it so?", text), one_exchange(text, "because it is so"), one_exchange(text, text),
          one_exchange(text, text + "a"), one_exchange(text + "b", text + "a,")}) {
      check_exchange(record);
    }
  }
}

TEST(HostileExchange, takes_long_lines) {
  for (const char* piece : {"a", "a ", "`", "。"}) {
    const std::string text = repeated(piece, 10'000'000);
    check_exchange(one_exchange(text, text));
    check_exchange(one_exchange("why is it so?", text));
  }
}

TEST(HostileExchange, takes_many_turns) {
  std::vector<std::pair<corpus::Role, std::string>> turns;
  for (int i = 0; i < 500'000; ++i) {
    turns.emplace_back(corpus::Role::user, "");
    turns.emplace_back(corpus::Role::assistant, i + 1 < 500'000 ? "" : "I'm sorry, but I can't");
  }
  EXPECT_EQ(check_exchange(conversation(turns))->fault, ExchangeFault::empty_prompt);
}

RC_GTEST_PROP(HostileExchange, takes_any_bytes, (const std::string& prompt, const std::string& answer)) {
  const auto record = one_exchange(prompt, answer);
  const auto verdict = check_exchange(record);
  RC_ASSERT(verdict.has_value() == check_exchange(record).has_value());
}

/// Pieces that rules look for, in any order.
RC_GTEST_PROP(HostileExchange, takes_any_pieces, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "I'm sorry", ", but ", "as an AI", " I can't", "。", "抱歉", "，我无法", "```", "\n", " ", "1.", "- ", "[insert",
      "]", "{{a}}", "</s>", "<|", "|>", "\xe3", "\x80", "a", "-", ",", ":", "’", "xxx", "\xff"));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  const auto verdict = check_exchange(one_exchange("q" + text, text));
  if (verdict) RC_ASSERT(verdict->detail.size() <= 320U);
}

}  // namespace
}  // namespace farpoint::clean
