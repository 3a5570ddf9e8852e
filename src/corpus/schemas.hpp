// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <optional>

#include "farpoint/corpus/record.hpp"
#include "turn_builder.hpp"

namespace farpoint::corpus {

/// The record that the object holds: by `mapping` when there is one, else by the first schema that its keys fit. An
/// object of no known schema is a record without turns. nullopt: a value of the wrong kind.
std::optional<Record> read_record(simdjson::dom::object object, const FieldMap& mapping);

// Schemas that hold a list of turns (chat_schemas.cpp).
void read_messages(const Fields& fields, TurnBuilder& builder);
void read_sharegpt(const Fields& fields, TurnBuilder& builder);
void read_xtuner(const Fields& fields, TurnBuilder& builder);

}  // namespace farpoint::corpus
