// SPDX-License-Identifier: Apache-2.0
// RecordParser against a slow, obvious parser on nlohmann::json, on random records of every schema.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {
namespace {

using nlohmann::json;
using Said = std::vector<std::pair<Role, std::string>>;

struct WrongKind {};

std::string text_of(const json& object, const std::string& key) {
  if (!object.contains(key) || object[key].is_null()) return "";
  if (!object[key].is_string()) throw WrongKind();
  return object[key];
}

json list_of(const json& object, const std::string& key) {
  if (!object.contains(key)) return json::array();
  if (!object[key].is_array()) throw WrongKind();
  return object[key];
}

void say(Said& said, Role role, const std::string& text) {
  if (!text.empty()) said.emplace_back(role, text);
}

std::string lines(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty() && !part.empty()) joined += '\n';
    joined += part;
  }
  return joined;
}

Role role_of(const json& turn, const std::string& key) {
  const std::string name = text_of(turn, key);
  if (name == "human" || name == "user") return Role::user;
  if (name == "gpt" || name == "assistant" || name == "chatgpt" || name == "bing" || name == "bard")
    return Role::assistant;
  if (name == "system") return Role::system;
  if (name == "observation" || name == "tool") return Role::tool;
  throw WrongKind();
}

Said read_turns(const json& record, const std::string& list, const std::string& role, const std::string& text) {
  Said said;
  say(said, Role::system, text_of(record, "system"));
  if (record.contains("tools") && !record["tools"].is_array()) text_of(record, "tools");
  for (const json& turn : list_of(record, list)) {
    if (!turn.is_object()) throw WrongKind();
    if (!turn.contains(text) || !turn[text].is_array() || list != "messages") {
      said.emplace_back(role_of(turn, role), text_of(turn, text));
      continue;
    }
    std::vector<std::string> parts;
    for (const json& part : turn[text]) {
      if (!part.is_object()) throw WrongKind();
      parts.push_back(text_of(part, part.contains("text") ? "text" : "value"));
    }
    said.emplace_back(role_of(turn, role), lines(parts));
  }
  return said;
}

Said read_xtuner(const json& record) {
  Said said;
  for (const json& turn : list_of(record, "conversation")) {
    if (!turn.is_object()) throw WrongKind();
    say(said, Role::system, text_of(turn, "system"));
    say(said, Role::user, text_of(turn, "input"));
    say(said, Role::assistant, text_of(turn, "output"));
  }
  return said;
}

Said read_choice(const json& record) {
  std::vector<std::string> options;
  for (const json& option : list_of(record, "options")) options.push_back(text_of({{"o", option}}, "o"));
  std::string label;
  if (record.contains("label") && record["label"].is_number_integer()) {
    label = std::to_string(record["label"].get<std::int64_t>());
  } else {
    label = text_of(record, record.contains("label") ? "label" : "answer");
  }
  // A label that is an option's own text is already the response.
  std::string response = label;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const auto letter = static_cast<char>('A' + i);
    const auto small = static_cast<char>('a' + i);
    const bool named = label == std::string{letter} || label == std::string{small} || label == std::to_string(i);
    if (named && !options[i].empty()) response = options[i];
  }
  std::vector<std::string> parts = {text_of(record, "passage"), text_of(record, "question")};
  parts.insert(parts.end(), options.begin(), options.end());
  Said said;
  say(said, Role::user, lines(parts));
  say(said, Role::assistant, response);
  return said;
}

Said read_alpaca(const json& record) {
  Said said;
  say(said, Role::system, text_of(record, "system"));
  if (record.contains("tools") && !record["tools"].is_array()) text_of(record, "tools");
  for (const json& pair : list_of(record, "history")) {
    if (!pair.is_array() || pair.size() != 2) throw WrongKind();
    say(said, Role::user, text_of({{"t", pair[0]}}, "t"));
    say(said, Role::assistant, text_of({{"t", pair[1]}}, "t"));
  }
  say(said, Role::user, lines({text_of(record, "instruction"), text_of(record, "input")}));
  say(said, Role::assistant, text_of(record, record.contains("output") ? "output" : "response"));
  return said;
}

Said read_known(const json& record) {
  const auto has = [&](const char* key) { return record.contains(key); };
  Said said;
  if (has("messages")) return read_turns(record, "messages", "role", "content");
  if (has("conversations")) return read_turns(record, "conversations", "from", "value");
  if (has("conversation")) return read_xtuner(record);
  if (has("question") && has("options")) return read_choice(record);
  if (has("instruction") || (has("input") && (has("output") || has("response")))) return read_alpaca(record);
  if (has("prompt") || has("completion")) {
    say(said, Role::user, text_of(record, "prompt"));
    say(said, Role::assistant, text_of(record, has("completion") ? "completion" : "response"));
  } else if (has("question") || has("answer")) {
    say(said, Role::user, text_of(record, "question"));
    say(said, Role::assistant, text_of(record, "answer"));
  } else if (has("text")) {
    say(said, Role::user, text_of(record, "text"));
  } else {
    return read_alpaca(record);
  }
  return said;
}

/// nullptr values drop out at every level: null counts as absent.
json without_nulls(const json& value) {
  if (!value.is_object()) return value;
  json kept = json::object();
  for (const auto& [key, inner] : value.items()) {
    if (!inner.is_null()) kept[key] = inner;
  }
  return kept;
}

std::variant<Said, Fault> reference(const std::string& text) {
  try {
    json record = without_nulls(json::parse(text));
    for (const char* list : {"messages", "conversations", "conversation"}) {
      if (!record.contains(list) || !record[list].is_array()) continue;
      for (json& turn : record[list]) turn = without_nulls(turn);
    }
    const bool known = std::any_of(record.items().begin(), record.items().end(), [](const auto& item) {
      return item.key() != "history" && item.key() != "system" && item.key() != "tools" && item.key() != "other" &&
             item.key() != "passage" && item.key() != "options" && item.key() != "label";
    });
    Said said = known ? read_known(record) : Said();
    for (const auto& [role, spoken] : said) {
      if (spoken.find_first_not_of(" \t\n") != std::string::npos) return said;
    }
    return Fault::no_text;
  } catch (const WrongKind&) {
    return Fault::bad_json;
  }
}

std::variant<Said, Fault> measured(const std::string& text) {
  const auto result = RecordParser().parse(text);
  if (const Fault* fault = std::get_if<Fault>(&result)) return *fault;
  Said said;
  for (const Turn& turn : std::get<Record>(result).turns) said.emplace_back(turn.role, turn.text);
  return said;
}

std::string random_text() {
  return *rc::gen::element<std::string>("", " ", "\n\t", "A", "b", "0", "1", "two words", "a \"quote\" \\", "é漢😀",
                                        "[1]");
}

/// Mostly text; now and then nothing, or a value that is none.
json random_value() {
  const int kind = *rc::gen::inRange(0, 30);
  if (kind == 0) return *rc::gen::element<json>(json(5), json(1.5), json(true), json::object(), json::array());
  if (kind < 4) return nullptr;
  return random_text();
}

/// An object as text, so that keys can occur twice.
std::string random_object(const std::vector<std::pair<std::string, json>>& fields) {
  std::string text = "{";
  for (const auto& [key, value] : fields) {
    if (text.size() > 1) text += ", ";
    text += json(key).dump() + ": " + value.dump(*rc::gen::element(-1, 2), ' ', *rc::gen::arbitrary<bool>());
  }
  return text + "}";
}

json random_turn(const std::string& list) {
  json turn = json::object();
  if (list == "conversation") {
    for (const char* key : {"system", "input", "output"}) turn[key] = random_value();
  } else {
    const bool openai = list == "messages";
    turn[openai ? "role" : "from"] = *rc::gen::element<std::string>(
        "human", "gpt", "user", "assistant", "system", "tool", "observation", "bing", "user", "user", "nobody");
    turn[openai ? "content" : "value"] = random_value();
    if (openai && *rc::gen::arbitrary<bool>()) {
      turn["content"] = {{{"type", "text"}, {"text", random_text()}}, {{"type", "x"}, {"value", random_text()}}};
    }
  }
  return *rc::gen::inRange(0, 60) == 0 ? json("no turn") : turn;
}

json random_field(const std::string& key) {
  json list = json::array();
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    if (key == "messages" || key == "conversations" || key == "conversation") list.push_back(random_turn(key));
    if (key == "options") list.push_back(random_value());
    if (key == "history") list.push_back({random_value(), random_value()});
  }
  if (key == "label" && *rc::gen::arbitrary<bool>()) return *rc::gen::inRange(-1, 4);
  const bool is_list = key == "options" || key == "history" || key == "messages" || key.starts_with("conversation");
  return is_list && *rc::gen::inRange(0, 20) != 0 ? list : random_value();
}

std::string random_record() {
  static const std::vector<std::vector<std::string>> shapes = {
      {"messages", "system", "tools", "other"},
      {"conversations", "system", "tools", "other"},
      {"conversation", "other"},
      {"passage", "question", "options", "label", "answer", "other"},
      {"instruction", "input", "output", "response", "system", "history", "tools"},
      {"prompt", "completion", "response", "other"},
      {"question", "answer"},
      {"text", "other", "label"},
      {"text", "messages", "conversations", "instruction", "output", "prompt", "question", "answer", "options"}};
  const auto keys = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(*rc::gen::elementOf(shapes)));
  std::vector<std::pair<std::string, json>> fields;
  for (const std::string& key : keys) fields.emplace_back(key, random_field(key));
  return random_object(fields);
}

RC_GTEST_PROP(RecordParser, ReadsRandomRecordsAsTheReferenceDoes, ()) {
  constexpr int records = 20;
  for (int i = 0; i < records; ++i) {
    const std::string text = random_record();
    if (measured(text) != reference(text)) RC_FAIL("differs from the reference: " + text);
  }
}

}  // namespace
}  // namespace farpoint::corpus
