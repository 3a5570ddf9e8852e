// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "exchange_checks.hpp"

namespace farpoint::clean {

namespace {

using corpus::Role;
using corpus::role_name;

/// Walks through the turns of one conversation.
class Conversation {
 public:
  /// Why the turn cannot stand here; empty when it can.
  std::string_view add(Role role) {
    const std::string_view fault = fault_of(role);
    before_ = role;
    if (role != Role::system) begun_ = true;
    if (role == Role::tool_call) ++open_calls_;
    if (role == Role::tool && open_calls_ > 0) --open_calls_;
    return fault;
  }

 private:
  std::string_view fault_of(Role role) const {
    switch (role) {
      case Role::system:
        return begun_ ? "is not at the beginning" : "";
      case Role::user:
        return begun_ && before_ == Role::user ? "follows a user turn" : "";
      case Role::assistant:
        if (!begun_) return "comes first";
        return before_ == Role::assistant ? "follows an assistant turn" : "";
      case Role::tool_call:
        return begun_ ? "" : "comes first";
      case Role::tool:
        // A model may have several answers to one list of calls.
        return open_calls_ == 0 && before_ != Role::tool ? "has no call before it" : "";
    }
    return "";
  }

  bool begun_ = false;
  Role before_ = Role::system;
  std::size_t open_calls_ = 0;
};

}  // namespace

Finding find_role_disorder(const Exchange& exchange) {
  Conversation conversation;
  for (std::size_t i = 0; i < exchange.turns.size(); ++i) {
    const Role role = exchange.turns[i].role;
    const std::string_view fault = conversation.add(role);
    if (!fault.empty()) return fmt::format("turn {} ({}) {}", i + 1, role_name(role), fault);
  }
  if (exchange.turns.back().role != Role::user) return std::nullopt;
  return fmt::format("turn {} (user) comes last", exchange.turns.size());
}

}  // namespace farpoint::clean
