// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "farpoint/clean/exchange.hpp"

namespace farpoint::clean {

inline corpus::Record conversation(const std::vector<std::pair<corpus::Role, std::string>>& turns) {
  corpus::Record record;
  record.schema = corpus::Schema::messages;
  for (const auto& [role, text] : turns) {
    record.turns.push_back({.role = role, .text = text, .name = {}, .call_id = {}});
  }
  return record;
}

inline corpus::Record one_exchange(const std::string& prompt, const std::string& answer) {
  return conversation({{corpus::Role::user, prompt}, {corpus::Role::assistant, answer}});
}

/// Rules that look for one fault alone.
inline ExchangeRules only(ExchangeFault fault) {
  using enum ExchangeFault;
  ExchangeRules rules;
  rules.empty_prompt = fault == empty_prompt;
  rules.empty_answer = fault == empty_answer;
  rules.refusal = fault == refusal;
  rules.repeats_question = fault == repeats_question;
  rules.truncated = fault == truncated;
  rules.placeholder = fault == placeholder;
  rules.role_order = fault == role_order;
  return rules;
}

struct Case {
  std::string prompt;
  std::string answer;
};

inline void expect_each(ExchangeFault fault, bool found, const std::vector<Case>& cases) {
  for (const auto& [prompt, answer] : cases) {
    const auto verdict = check_exchange(one_exchange(prompt, answer), only(fault));
    EXPECT_EQ(verdict.has_value(), found) << prompt << " -> " << answer << (verdict ? " : " + verdict->detail : "");
    if (verdict) {
      EXPECT_EQ(verdict->fault, fault);
    }
  }
}
inline void expect_found(ExchangeFault fault, const std::vector<Case>& cases) {
  expect_each(fault, true, cases);
}
inline void expect_spared(ExchangeFault fault, const std::vector<Case>& cases) {
  expect_each(fault, false, cases);
}

}  // namespace farpoint::clean
