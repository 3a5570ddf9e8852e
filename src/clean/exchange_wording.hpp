// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>

#include <cassert>
#include <memory>
#include <span>
#include <string>

#include "farpoint/corpus/record.hpp"

namespace farpoint::clean {

/// A compiled pattern; case and invalid bytes do not matter. For statics: compiled once a process.
inline std::unique_ptr<const re2::RE2> compiled(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  auto expression = std::make_unique<const re2::RE2>(pattern, options);
  assert(expression->ok());
  return expression;
}

/// Whether a user turn asks for a text in somebody else's voice: a letter, an excuse, a dialogue. What such a text says
/// of the writer is not said by the model.
bool asks_for_voice(std::span<const corpus::Turn> turns);
/// Whether a turn before the answer asks for a text with blanks: a template, a form, a letter.
bool asks_for_blanks(std::span<const corpus::Turn> turns);
/// Whether the question is of the kind whose right answer may be nearly the question: correct, translate, reformat.
bool asks_for_repetition(std::span<const corpus::Turn> turns);

}  // namespace farpoint::clean
