// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "farpoint/corpus/record.hpp"

namespace farpoint::clean {

/// What makes a record useless, or harmful, as instruction data. In the order in which they are looked for.
/// empty_prompt:     nothing was asked: no user turn before the answer (no system turn, where there is no user) says
///                   anything
/// empty_answer:     the answer says nothing: white space, dots, dashes, "N/A", "None", "<noinput>", "无"
/// refusal:          the answer begins by declining: "I'm sorry, but I can't", "As an AI, I do not have",
///                   "抱歉，我无法"; an apology in a letter or story that was asked for is none
/// repeats_question: the answer is the last user turn again, but for case, punctuation and white space, or nearly so
/// truncated:        the answer stops in the middle: behind a comma, in an open code block, in a half sentence
/// placeholder:      a short answer that is mainly something to be filled in: "[insert name here]", "待补充"
/// role_order:       turns in an order in which no conversation goes
enum class ExchangeFault : std::uint8_t {
  empty_prompt,
  empty_answer,
  refusal,
  repeats_question,
  truncated,
  placeholder,
  role_order
};
std::string_view exchange_fault_name(ExchangeFault fault);

struct ExchangeRules {
  bool empty_prompt = true;
  bool empty_answer = true;
  bool refusal = true;
  bool repeats_question = true;
  bool truncated = true;
  bool placeholder = true;
  bool role_order = true;
  /// From which share of common words on (Jaccard, from 0 to 1) an answer about as long as the question repeats it.
  double min_repeat_similarity = 0.9;
};

struct ExchangeVerdict {
  ExchangeFault fault = ExchangeFault::empty_prompt;
  std::string detail;  ///< what gave it away: the place in the answer, at most 80 characters, or which turn
};

/// The first fault of the record, of those that `rules` ask for. The answer is that of TextView::response. A record
/// without an answer, such as plain text, has no fault; one whose answer is a tool call can only have empty_prompt and
/// role_order. The rules on wording know English and Chinese. Thread-safe; linear in the length of the record.
std::optional<ExchangeVerdict> check_exchange(const corpus::Record& record, const ExchangeRules& rules = {});

}  // namespace farpoint::clean
