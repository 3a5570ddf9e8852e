// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "exchanges.hpp"

namespace farpoint::clean {
namespace {

using corpus::Role;

/// "sua" is a system, a user and an assistant turn; c a tool call, t a tool's answer.
std::vector<Role> roles_of(std::string_view letters) {
  std::vector<Role> roles;
  for (const char letter : letters) {
    roles.push_back(letter == 's'   ? Role::system
                    : letter == 'u' ? Role::user
                    : letter == 'a' ? Role::assistant
                    : letter == 'c' ? Role::tool_call
                                    : Role::tool);
  }
  return roles;
}

std::optional<ExchangeVerdict> checked(std::string_view letters) {
  std::vector<std::pair<Role, std::string>> turns;
  for (const Role role : roles_of(letters)) turns.emplace_back(role, "text");
  return check_exchange(conversation(turns), only(ExchangeFault::role_order));
}

TEST(RoleOrder, is_that_of_a_conversation) {
  for (const char* letters :
       {"ua",    "sua",     "ssua",       "uaua",  "suaua",    "ucta",  "uctcta", "uc",     "sucta",   "uctaua",
        "uacta", "ucctta",  "uccta",      "uctta", "uct",      "uauct", "uca",    "uaca",   "uctua",   "suauacta",
        "ucctt", "uctacta", "uccttaucta", "uacat", "uctaucta", "uctca", "sssua",  "uauaua", "uactaua", "uctcta"}) {
    EXPECT_FALSE(checked(letters)) << letters;
  }
}

TEST(RoleOrder, is_broken) {
  for (const char* letters :
       {"uua",  "uaa",  "uuaa",  "au",    "aua",    "saua", "a",     "sa",     "ca",   "cta",  "scta",
        "uas",  "usa",  "uasua", "usau",  "uau",    "sau",  "suau",  "ta",     "uta",  "utau", "sta",
        "uaat", "uata", "uauau", "uctaa", "uctata", "ucuu", "uauaa", "uactau", "suua", "uauua"}) {
    EXPECT_TRUE(checked(letters)) << letters;
  }
}

TEST(RoleOrder, names_the_turn) {
  EXPECT_EQ(checked("uaa")->detail, "turn 3 (assistant) follows an assistant turn");
  EXPECT_EQ(checked("suua")->detail, "turn 3 (user) follows a user turn");
  EXPECT_EQ(checked("aua")->detail, "turn 1 (assistant) comes first");
  EXPECT_EQ(checked("uasua")->detail, "turn 3 (system) is not at the beginning");
  EXPECT_EQ(checked("uta")->detail, "turn 2 (tool) has no call before it");
  EXPECT_EQ(checked("uau")->detail, "turn 3 (user) comes last");
}

TEST(RoleOrder, does_not_matter_without_an_answer) {
  for (const char* letters : {"", "u", "uu", "s", "su", "us", "t", "ut"})
    EXPECT_FALSE(check_exchange([&] {
      std::vector<std::pair<Role, std::string>> turns;
      for (const Role role : roles_of(letters)) turns.emplace_back(role, "text");
      return conversation(turns);
    }()))
        << letters;
}

/// The definition, fault by fault, for each turn by itself.
bool reference_is_broken(const std::vector<Role>& roles) {
  const auto is = [&](std::size_t i, Role role) { return roles[i] == role; };
  bool broken = is(roles.size() - 1, Role::user);
  std::size_t first = 0;
  while (first < roles.size() && is(first, Role::system)) ++first;
  if (first < roles.size()) broken |= is(first, Role::assistant) || is(first, Role::tool_call);
  for (std::size_t i = first; i < roles.size(); ++i) {
    broken |= is(i, Role::system);
    if (i > first) {
      broken |= (is(i, Role::user) && is(i - 1, Role::user)) || (is(i, Role::assistant) && is(i - 1, Role::assistant));
    }
    if (!is(i, Role::tool) || (i > 0 && is(i - 1, Role::tool))) continue;
    // Each answer takes a call, if one is left.
    std::size_t open = 0;
    for (std::size_t j = 0; j < i; ++j) {
      if (is(j, Role::tool_call)) ++open;
      if (is(j, Role::tool) && open > 0) --open;
    }
    broken |= open == 0;
  }
  return broken;
}

RC_GTEST_PROP(RoleOrder, is_as_defined, ()) {
  const auto letters = *rc::gen::container<std::string>(rc::gen::element('s', 'u', 'u', 'a', 'a', 'c', 't'));
  const auto roles = roles_of(letters);
  const bool answered = letters.find_first_of("ac") != std::string::npos;
  RC_ASSERT(checked(letters).has_value() == (answered && reference_is_broken(roles)));
}

}  // namespace
}  // namespace farpoint::clean
