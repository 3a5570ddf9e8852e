// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/record_texts.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"
#include "json_slices.hpp"
#include "roles.hpp"

namespace farpoint::corpus {

namespace {

namespace ondemand = simdjson::ondemand;

/// Keys of a record that hold a text, and who says it.
constexpr std::array<std::pair<std::string_view, Role>, 14> text_keys = {{{"text", Role::user},
                                                                          {"instruction", Role::user},
                                                                          {"input", Role::user},
                                                                          {"output", Role::assistant},
                                                                          {"response", Role::assistant},
                                                                          {"system", Role::system},
                                                                          {"prompt", Role::user},
                                                                          {"completion", Role::assistant},
                                                                          {"question", Role::user},
                                                                          {"answer", Role::assistant},
                                                                          {"passage", Role::user},
                                                                          {"options", Role::user},
                                                                          {"label", Role::assistant},
                                                                          {"history", Role::user}}};

/// Where a text lies in the JSON, without its quotes.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  Role role = Role::user;
  std::string_view text;
};

/// Collects the texts of one record. Errors of simdjson are exceptions of its own.
class Walk {
 public:
  Walk(const char* json, const FieldMap& fields) : json_(json), fields_(fields) {}

  std::vector<Place> places;

  void record(ondemand::object object) {
    for (auto field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "messages" || key == "conversations") {
        turns(value);
      } else if (key == "conversation") {
        exchanges(value);
      } else if (const auto role = role_of_key(key)) {
        texts(value, *role);
      }
    }
  }

 private:
  std::optional<Role> role_of_key(std::string_view key) const {
    for (const auto& [name, wanted] : fields_) {
      if (key != wanted) continue;
      return name == "response" ? Role::assistant : name == "system" ? Role::system : Role::user;
    }
    if (!fields_.empty()) return std::nullopt;
    const auto* found =
        std::find_if(text_keys.begin(), text_keys.end(), [&](const auto& known) { return known.first == key; });
    if (found == text_keys.end()) return std::nullopt;
    return found->second;
  }

  void text(ondemand::value value, Role role) {
    std::string_view token = value.raw_json_token();
    const std::string_view unescaped = value.get_string();
    token = token.substr(0, token.rfind('"'));
    const auto begin = static_cast<std::size_t>(token.data() - json_) + 1;
    places.push_back({begin, begin + token.size() - 1, role, unescaped});
  }

  /// A text, or a list of texts at any depth: options, past exchanges.
  void texts(ondemand::value value, Role role) {
    const auto type = value.type().value();
    if (type == ondemand::json_type::string) return text(value, role);
    if (type != ondemand::json_type::array) return;
    for (auto item : value.get_array()) texts(item.value(), role);
  }

  /// Messages of OpenAI, turns of ShareGPT. The role may stand behind the text.
  void turns(ondemand::value list) {
    if (list.type().value() != ondemand::json_type::array) return;
    for (auto item : list.get_array()) {
      ondemand::value turn = item.value();
      if (turn.type().value() == ondemand::json_type::object) this->turn(turn.get_object());
    }
  }

  void turn(ondemand::object object) {
    const auto first = places.size();
    Role role = Role::user;
    for (auto field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (key == "role" || key == "from") {
        if (value.type().value() != ondemand::json_type::string) continue;
        role = role_of(value.get_string().value()).value_or(role);
      } else if (key == "value") {
        texts(value, Role::user);
      } else if (key == "content") {
        content(value);
      } else if (key == "tool_calls" || key == "function_call") {
        calls(value);
      }
    }
    for (auto place = places.begin() + static_cast<std::ptrdiff_t>(first); place != places.end(); ++place) {
      if (place->role != Role::tool_call) place->role = role;
    }
  }

  /// A text, or a list of texts and typed parts.
  void content(ondemand::value value) {
    const auto type = value.type().value();
    if (type == ondemand::json_type::string) return text(value, Role::user);
    if (type != ondemand::json_type::array) return;
    for (auto item : value.get_array()) {
      ondemand::value part = item.value();
      if (part.type().value() == ondemand::json_type::object) {
        this->part(part.get_object());
      } else if (part.type().value() == ondemand::json_type::string) {
        text(part, Role::user);
      }
    }
  }

  void part(ondemand::object object) {
    const auto first = places.size();
    bool is_call = false;
    for (auto field : object) {
      const std::string_view key = field.unescaped_key();
      ondemand::value value = field.value();
      if (value.type().value() != ondemand::json_type::string) continue;
      if (key == "type") is_call = value.get_string().value() == "tool_call";
      if (key == "text" || key == "value") text(value, Role::user);
    }
    for (std::size_t i = first; is_call && i < places.size(); ++i) places[i].role = Role::tool_call;
  }

  /// Strings under "arguments", at any depth above it: {"function": {"arguments": "..."}}.
  void calls(ondemand::value value) {
    const auto type = value.type().value();
    if (type == ondemand::json_type::array) {
      for (auto item : value.get_array()) calls(item.value());
    } else if (type == ondemand::json_type::object) {
      for (auto field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        ondemand::value inner = field.value();
        if (key == "arguments" && inner.type().value() == ondemand::json_type::string) {
          text(inner, Role::tool_call);
        } else if (key == "function") {
          calls(inner);
        }
      }
    }
  }

  void exchanges(ondemand::value list) {
    if (list.type().value() != ondemand::json_type::array) return;
    for (auto item : list.get_array()) {
      ondemand::value exchange = item.value();
      if (exchange.type().value() != ondemand::json_type::object) continue;
      for (auto field : exchange.get_object()) {
        const std::string_view key = field.unescaped_key();
        ondemand::value value = field.value();
        if (value.type().value() != ondemand::json_type::string) continue;
        if (key == "system") text(value, Role::system);
        if (key == "input") text(value, Role::user);
        if (key == "output") text(value, Role::assistant);
      }
    }
  }

  const char* json_;
  const FieldMap& fields_;
};

}  // namespace

struct RecordTexts::Implementation {
  ondemand::parser parser;
  std::string padded;

  /// The places of all texts; their views are valid until the next call.
  std::vector<Place> places(std::string_view json, const FieldMap& fields) {
    padded.reserve(json.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(json);
    try {
      ondemand::document document = parser.iterate(padded.data(), padded.size(), padded.capacity());
      Walk walk(padded.data(), fields);
      walk.record(document.get_object());
      return std::move(walk.places);
    } catch (const simdjson::simdjson_error& error) {
      throw Error(std::string("a record's JSON cannot be read again: ") + error.what());
    }
  }
};

RecordTexts::RecordTexts() : implementation_(std::make_unique<Implementation>()) {}
RecordTexts::~RecordTexts() = default;
RecordTexts::RecordTexts(RecordTexts&&) noexcept = default;

void RecordTexts::visit(std::string_view json, const FieldMap& fields,
                        const std::function<void(const TextPart&)>& visit) {
  const auto places = implementation_->places(json, fields);
  for (std::size_t i = 0; i < places.size(); ++i) visit({i, places[i].role, places[i].text});
}

std::optional<std::string> RecordTexts::rewrite(std::string_view json, const FieldMap& fields,
                                                const std::function<bool(const TextPart&, std::string& out)>& change) {
  const auto places = implementation_->places(json, fields);
  std::string rewritten;
  std::string text;
  std::size_t copied = 0;
  bool changed = false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    text.clear();
    if (!change({i, places[i].role, places[i].text}, text)) continue;
    changed = true;
    rewritten.append(json, copied, places[i].begin - copied);
    append_escaped(text, rewritten);
    copied = places[i].end;
  }
  if (!changed) return std::nullopt;
  rewritten.append(json, copied);
  return rewritten;
}

}  // namespace farpoint::corpus
