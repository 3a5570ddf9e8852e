// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "comm/failure.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::comm {

namespace {

struct Outcome {
  std::int32_t failed;
  std::int32_t code;
};

std::optional<Failure> attempt(const std::function<void()>& body) {
  try {
    body();
    return std::nullopt;
  } catch (...) {
    return current_failure();
  }
}

std::string_view message_of(const Gathered<char>& messages, int rank) {
  const auto text = messages.of(rank);
  return {text.data(), text.size()};
}

/// What is wrong everywhere (a missing file, a bad configuration) is no rank's own: it is told without a rank.
bool all_say_the_same(const std::vector<Outcome>& outcomes, const Gathered<char>& messages) {
  for (int rank = 0; rank < static_cast<int>(outcomes.size()); ++rank) {
    if (outcomes[static_cast<std::size_t>(rank)].failed == 0) return false;
    if (message_of(messages, rank) != message_of(messages, 0)) return false;
  }
  return true;
}

}  // namespace

void agree(Communicator& comm, const std::function<void()>& body) {
  const auto failure = attempt(body);
  const Outcome own{failure.has_value(), static_cast<std::int32_t>(failure.value_or(Failure{}).code)};
  const auto outcomes = all_gather(comm, own);
  const auto lowest = std::ranges::find_if(outcomes, [](const Outcome& outcome) { return outcome.failed != 0; });
  if (lowest == outcomes.end()) return;

  const std::string text = failure.value_or(Failure{}).message;
  const auto messages = all_gather(comm, std::span<const char>(text));
  const int rank = static_cast<int>(lowest - outcomes.begin());
  const auto message = message_of(messages, rank);
  const auto code = static_cast<ExitCode>(lowest->code);
  if (all_say_the_same(outcomes, messages)) throw AgreedError(std::string(message), code);
  throw AgreedError(fmt::format("rank {}: {}", rank, message), code);
}

}  // namespace farpoint::comm
