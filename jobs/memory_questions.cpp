// SPDX-License-Identifier: Apache-2.0
#include "memory_questions.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "farpoint/base/error.hpp"

namespace farpoint::jobs {

namespace {

using corpus::TextView;

constexpr std::string_view record_prefix = "record.";

/// What a key leads to; null: nothing.
const nlohmann::json* find(const nlohmann::json& record, std::string_view key) {
  const auto* value = &record;
  while (true) {
    // A key with a dot in it comes first.
    if (const auto found = value->find(key); value->is_object() && found != value->end()) return &*found;
    const auto dot = key.find('.');
    if (dot == std::string_view::npos || !value->is_object()) return nullptr;
    const auto found = value->find(key.substr(0, dot));
    if (found == value->end()) return nullptr;
    value = &*found;
    key.remove_prefix(dot + 1);
  }
}

/// A text, a number, or a list of these.
void add_texts(const nlohmann::json* value, std::vector<std::string>& texts) {
  if (value == nullptr) return;
  if (value->is_array()) {
    for (const auto& one : *value) {
      if (!one.is_array()) add_texts(&one, texts);
    }
  } else if (value->is_string()) {
    texts.push_back(value->get<std::string>());
  } else if (value->is_number()) {
    texts.push_back(value->dump());
  }
}

}  // namespace

AnswerPlaces::AnswerPlaces(std::string_view answer, const std::optional<std::string>& aliases) : aliases_key(aliases) {
  if (answer != "response") {
    if (!answer.starts_with(record_prefix) || answer.size() == record_prefix.size()) {
      throw UsageError(fmt::format("it must be response or record.KEY, not '{}'", answer));
    }
    answer_key = answer.substr(record_prefix.size());
  }
}

std::vector<MemoryQuestion> memory_questions(const pipeline::Shard& shard, const AnswerPlaces& places) {
  std::vector<MemoryQuestion> questions(shard.ids().size());
  shard.for_each_record([&](std::size_t row, const corpus::Record& record) {
    auto& question = questions[row];
    question.text = corpus::view(record, TextView::prompt);
    if (!places.answer_key) question.answers.push_back(corpus::view(record, TextView::response));
  });
  if (!places.answer_key && !places.aliases_key) return questions;
  const auto& records = shard.records();
  for (std::size_t row = 0; row < questions.size(); ++row) {
    const auto json = nlohmann::json::parse(records[row], nullptr, false);
    if (!json.is_object()) continue;
    if (places.answer_key) add_texts(find(json, *places.answer_key), questions[row].answers);
    if (places.aliases_key) add_texts(find(json, *places.aliases_key), questions[row].answers);
  }
  return questions;
}

}  // namespace farpoint::jobs
