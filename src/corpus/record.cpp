// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/record.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

namespace farpoint::corpus {

namespace {

template <typename Turns>
auto last_of(const Turns& turns, Role role) {
  return std::find_if(turns.rbegin(), turns.rend(), [role](const Turn& turn) { return turn.role == role; });
}

void append_joined(std::span<const Turn> turns, bool with_roles, std::string& out) {
  const auto begin = out.size();
  for (const Turn& turn : turns) {
    if (turn.text.empty()) continue;
    if (out.size() > begin) out += '\n';
    if (with_roles) out.append(role_name(turn.role)).append(": ");
    out += turn.text;
  }
}

std::optional<std::size_t> option_letter(std::string_view label) {
  if (label.size() != 1) return std::nullopt;
  if (label[0] >= 'A' && label[0] <= 'Z') return label[0] - 'A';
  if (label[0] >= 'a' && label[0] <= 'z') return label[0] - 'a';
  return std::nullopt;
}

std::optional<std::size_t> option_index(std::string_view label) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), index);
  if (error != std::errc() || end != label.data() + label.size()) return std::nullopt;
  return index;
}

}  // namespace

std::optional<std::size_t> labelled_option(const MultipleChoice& choice) {
  const std::size_t count = choice.options.size();
  if (const auto place = option_letter(choice.label); place && *place < count) return place;
  if (const auto place = option_index(choice.label); place && *place < count) return place;
  const auto same = std::find(choice.options.begin(), choice.options.end(), choice.label);
  if (choice.label.empty() || same == choice.options.end()) return std::nullopt;
  return static_cast<std::size_t>(same - choice.options.begin());
}

std::size_t answer_place(std::span<const Turn> turns) {
  auto answer = last_of(turns, Role::assistant);
  if (answer == turns.rend()) answer = last_of(turns, Role::tool_call);
  return answer == turns.rend() ? turns.size() : static_cast<std::size_t>(turns.rend() - answer) - 1;
}

std::string view(const Record& record, TextView which) {
  std::string text;
  append_view(record, which, text);
  return text;
}

void append_view(const Record& record, TextView which, std::string& out) {
  const std::span<const Turn> turns = record.turns;
  switch (which) {
    case TextView::prompt:
      return append_joined(turns.first(answer_place(turns)), false, out);
    case TextView::response: {
      const std::size_t answer = answer_place(turns);
      if (answer < turns.size()) out += turns[answer].text;
      return;
    }
    case TextView::full:
      return append_joined(turns, false, out);
    case TextView::conversation:
      return append_joined(turns, true, out);
  }
}

std::string_view role_name(Role role) {
  constexpr std::array<std::string_view, 5> names = {"system", "user", "assistant", "tool_call", "tool"};
  return names[static_cast<std::size_t>(role)];
}

std::string_view fault_name(Fault fault) {
  constexpr std::array<std::string_view, 4> names = {"bad_json", "bad_utf8", "no_text", "too_large"};
  return names[static_cast<std::size_t>(fault)];
}

std::string text_record(std::string_view line) {
  return nlohmann::json{{"text", line}}.dump();
}

bool is_valid_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes);
}

}  // namespace farpoint::corpus
