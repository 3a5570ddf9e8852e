// SPDX-License-Identifier: Apache-2.0
#include "guess.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

namespace farpoint::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t records_looked_at = 64;

std::vector<Json> objects_of(const std::vector<std::string>& records) {
  std::vector<Json> objects;
  for (const auto& record : records) {
    if (objects.size() == records_looked_at) break;
    auto json = Json::parse(record, nullptr, false);
    if (json.is_object()) objects.push_back(std::move(json));
  }
  return objects;
}

// Names that people give to what a record holds, likeliest first.
constexpr std::string_view prompts[] = {"instruction", "prompt",  "question", "query", "input", "user",
                                        "human",       "problem", "q",        "task",  "title"};
constexpr std::string_view responses[] = {"response", "output", "answer", "completion", "assistant", "reply",
                                          "solution", "chosen", "target", "a",          "summary"};
constexpr std::string_view systems[] = {"system", "system_prompt", "system_message"};
constexpr std::string_view texts[] = {"text", "content", "body", "document", "passage", "article", "markdown"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The key with one of the names, or which begins or ends with one.
std::string find_key(const std::map<std::string, std::size_t>& lengths, std::span<const std::string_view> names) {
  for (const auto name : names) {
    for (const auto& [key, length] : lengths) {
      if (lower(key) == name) return key;
    }
  }
  for (const auto name : names) {
    if (name.size() < 4) continue;
    for (const auto& [key, length] : lengths) {
      if (lower(key).starts_with(name) || lower(key).ends_with(name)) return key;
    }
  }
  return "";
}

}  // namespace

std::vector<std::string> keys_of(const std::vector<std::string>& records) {
  std::vector<std::string> keys;
  for (const auto& object : objects_of(records)) {
    for (const auto& [key, value] : object.items()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

corpus::FieldMap guess_fields(const std::vector<std::string>& records) {
  std::map<std::string, std::size_t> lengths;  // of the texts by key
  for (const auto& object : objects_of(records)) {
    for (const auto& [key, value] : object.items()) {
      if (value.is_string()) lengths[key] += value.get_ref<const std::string&>().size();
    }
  }
  std::erase_if(lengths, [](const auto& entry) { return entry.second == 0; });
  corpus::FieldMap fields;
  const auto prompt = find_key(lengths, prompts);
  const auto response = find_key(lengths, responses);
  if (!prompt.empty() && !response.empty() && prompt != response) {
    fields = {{"prompt", prompt}, {"response", response}};
    if (const auto system = find_key(lengths, systems); !system.empty()) fields["system"] = system;
    return fields;
  }
  auto text = find_key(lengths, texts);
  if (text.empty() && !lengths.empty()) {
    text = std::max_element(lengths.begin(), lengths.end(), [](const auto& a, const auto& b) {
             return a.second < b.second;
           })->first;
  }
  if (!text.empty()) fields["text"] = text;
  return fields;
}

}  // namespace farpoint::cli
