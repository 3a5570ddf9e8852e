// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "farpoint/corpus/record.hpp"

namespace farpoint::clean {

/// What gave a fault away; nothing where there is none.
using Finding = std::optional<std::string>;

/// A record as the checks see it. Borrows the record.
struct Exchange {
  std::span<const corpus::Turn> turns;   ///< all of the record
  std::span<const corpus::Turn> before;  ///< those before the answer
  std::string_view answer;               ///< without white space and end marks such as "<|endoftext|>" around it
};

Finding find_empty_prompt(const Exchange& exchange);
Finding find_empty_answer(const Exchange& exchange);
Finding find_refusal(const Exchange& exchange);
Finding find_repeated_question(const Exchange& exchange, double min_similarity);
Finding find_truncation(const Exchange& exchange);
Finding find_placeholder(const Exchange& exchange);
Finding find_role_disorder(const Exchange& exchange);

/// Without white space (ASCII's, and the ideographic and no-break spaces) at both ends.
std::string_view trimmed(std::string_view utf8);
/// Also without what ends a text for a model: "<|endoftext|>", "<|im_end|>", "</s>".
std::string_view without_end_marks(std::string_view utf8);
/// The first `count` characters; counted in lead bytes where the text is not UTF-8.
std::string_view first_characters(std::string_view utf8, std::size_t count);
/// The first, or last, 80 characters, white space as single blanks.
std::string first_excerpt(std::string_view utf8);
std::string last_excerpt(std::string_view utf8);
/// The text of the last user turn; empty where there is none.
std::string_view last_question(std::span<const corpus::Turn> turns);

}  // namespace farpoint::clean
