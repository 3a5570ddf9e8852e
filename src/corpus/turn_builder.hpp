// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "farpoint/corpus/record.hpp"
#include "fields.hpp"

namespace farpoint::corpus {

/// Collects the turns of one record. A value of the wrong kind is remembered and reads as empty, so that the reader of
/// a schema can read straight on; whoever takes the record asks once, at the end.
class TurnBuilder {
 public:
  explicit TurnBuilder(Schema schema) { record_.schema = schema; }

  Record& record() { return record_; }
  bool wrong_kind() const { return wrong_kind_; }
  void reject() { wrong_kind_ = true; }

  /// Adds a turn, also one without text.
  Turn& add(Role role, std::string text) {
    return record_.turns.emplace_back(Turn{.role = role, .text = std::move(text), .name = {}, .call_id = {}});
  }
  /// Adds a turn unless it has no text.
  void say(Role role, std::string text) {
    if (!text.empty()) add(role, std::move(text));
  }

  std::string_view text(simdjson::dom::element value) {
    std::string_view text;
    if (!value.is_null() && value.get(text) != simdjson::SUCCESS) reject();
    return text;
  }
  std::string text(const Fields& fields, Key key) {
    return fields.has(key) ? std::string(text(fields.at(key))) : std::string();
  }

  /// Calls `read` with each element of the list.
  template <typename Read>
  void each(const Fields& fields, Key key, Read read) {
    if (!fields.has(key)) return;
    simdjson::dom::array list;
    if (fields.at(key).get(list) != simdjson::SUCCESS) return reject();
    for (const simdjson::dom::element element : list) read(element);
  }
  /// Calls `read` with the fields of each element; a list of anything else than objects is of the wrong kind.
  template <typename Read>
  void each_object(const Fields& fields, Key key, Read read) {
    each(fields, key, [&](simdjson::dom::element element) {
      if (const auto inner = object(element)) read(*inner);
    });
  }
  std::optional<Fields> object(simdjson::dom::element element) {
    simdjson::dom::object object;
    if (element.get(object) == simdjson::SUCCESS) return Fields(object);
    reject();
    return std::nullopt;
  }

 private:
  Record record_;
  bool wrong_kind_ = false;
};

}  // namespace farpoint::corpus
