// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <algorithm>
#include <new>

#include "farpoint/corpus/record.hpp"
#include "parse_json.hpp"
#include "schemas.hpp"

namespace farpoint::corpus {

static_assert(simdjson::SIMDJSON_PADDING <= 64, "record.hpp promises to read at most 64 bytes behind the text");

namespace {

/// simdjson reports the first thing that it stumbles over, often a quote that an invalid byte swallowed: text that is
/// not UTF-8 is always bad_utf8.
Fault fault_of(simdjson::error_code error, std::string_view json) {
  if (error == simdjson::MEMALLOC) throw std::bad_alloc();
  if (error == simdjson::CAPACITY) return Fault::too_large;
  return is_valid_utf8(json) ? Fault::bad_json : Fault::bad_utf8;
}

bool has_text(const Record& record) {
  return std::any_of(record.turns.begin(), record.turns.end(),
                     [](const Turn& turn) { return turn.text.find_first_not_of(" \t\n\v\f\r") != std::string::npos; });
}

}  // namespace

struct RecordParser::Implementation {
  simdjson::dom::parser parser;
};

RecordParser::RecordParser() : implementation_(std::make_unique<Implementation>()) {}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;

std::variant<Record, Fault> RecordParser::parse(std::string_view json, const FieldMap& fields, std::size_t capacity) {
  simdjson::dom::element root;
  const auto error = parse_json(implementation_->parser, json, capacity, root);
  if (error != simdjson::SUCCESS) return fault_of(error, json);
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Fault::bad_json;
  auto record = read_record(object, fields);
  if (!record) return Fault::bad_json;
  if (!has_text(*record)) return Fault::no_text;
  return std::move(*record);
}

}  // namespace farpoint::corpus
