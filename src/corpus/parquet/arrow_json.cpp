// SPDX-License-Identifier: Apache-2.0
#include <arrow/array/array_decimal.h>
#include <arrow/array/array_dict.h>
#include <arrow/array/array_nested.h>
#include <arrow/array/array_primitive.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/util/base64.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../json_slices.hpp"
#include "arrow_files.hpp"

namespace farpoint::corpus {

namespace {

using arrow::Type;

template <typename Array>
const Array& as(const arrow::Array& array) {
  return static_cast<const Array&>(array);
}

float half_value(const arrow::Array& array, std::int64_t row) {
  return arrow::util::Float16::FromBits(as<arrow::HalfFloatArray>(array).Value(row)).ToFloat();
}

/// As short as reading it gives the same number again; with a fraction, so that it stays one.
template <typename Number>
void append_number(Number number, std::string& out) {
  const auto begin = out.size();
  fmt::format_to(std::back_inserter(out), "{}", number);
  if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

/// Bytes that are no text are base64.
void append_bytes(std::string_view bytes, std::string& out) {
  append_quoted(arrow::util::ValidateUTF8(bytes) ? std::string(bytes) : arrow::util::base64_encode(bytes), out);
}

template <typename List>
void append_list(const arrow::Array& array, std::int64_t row, std::string& out) {
  const auto& list = as<List>(array);
  const auto begin = static_cast<std::int64_t>(list.value_offset(row));
  out += '[';
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(list.value_length(row)); ++i) {
    if (i > 0) out += ',';
    append_json(*list.values(), begin + i, out);
  }
  out += ']';
}

void append_struct(const arrow::StructArray& array, std::int64_t row, std::string& out) {
  out += '{';
  bool is_first = true;
  for (int i = 0; i < array.num_fields(); ++i) {
    const auto& field = *array.field(i);
    if (is_absent(field, row)) continue;
    if (!is_first) out += ',';
    is_first = false;
    append_quoted(array.struct_type()->field(i)->name(), out);
    out += ':';
    append_json(field, row, out);
  }
  out += '}';
}

/// An object where the keys are texts, else a list of pairs.
void append_map(const arrow::MapArray& array, std::int64_t row, std::string& out) {
  const bool has_names = array.keys()->type_id() == Type::STRING;
  out += has_names ? '{' : '[';
  const auto begin = array.value_offset(row);
  for (std::int64_t i = begin; i < begin + array.value_length(row); ++i) {
    if (i > begin) out += ',';
    if (!has_names) out += '[';
    append_json(*array.keys(), i, out);
    out += has_names ? ':' : ',';
    append_json(*array.items(), i, out);
    if (!has_names) out += ']';
  }
  out += has_names ? '}' : ']';
}

/// Times and what else has no place in JSON, as Arrow prints it: "2026-01-31 10:00:00.000000".
void append_printed(const arrow::Array& array, std::int64_t row, bool is_number, std::string& out) {
  const auto scalar = array.GetScalar(row);
  const auto text = scalar.ok() ? (*scalar)->ToString() : scalar.status().ToString();
  if (is_number)
    out += text;
  else
    append_quoted(text, out);
}

void append_extension(const arrow::ExtensionArray& array, std::int64_t row, std::string& out) {
  const auto& type = static_cast<const arrow::ExtensionType&>(*array.type());
  const auto& storage = *array.storage();
  if (type.extension_name() == "arrow.json" && storage.type_id() == Type::STRING) {
    const auto text = as<arrow::StringArray>(storage).GetView(row);
    if (nlohmann::json::accept(text)) {
      out += text;
      return;
    }
  }
  append_json(storage, row, out);
}

template <typename Array>
void append_integer(const arrow::Array& array, std::int64_t row, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{}", as<Array>(array).Value(row));
}

void append_simple(const arrow::Array& array, std::int64_t row, std::string& out) {
  switch (array.type_id()) {
    case Type::BOOL:
      out += as<arrow::BooleanArray>(array).Value(row) ? "true" : "false";
      return;
    case Type::INT8:
      return append_integer<arrow::Int8Array>(array, row, out);
    case Type::INT16:
      return append_integer<arrow::Int16Array>(array, row, out);
    case Type::INT32:
      return append_integer<arrow::Int32Array>(array, row, out);
    case Type::INT64:
      return append_integer<arrow::Int64Array>(array, row, out);
    case Type::UINT8:
      return append_integer<arrow::UInt8Array>(array, row, out);
    case Type::UINT16:
      return append_integer<arrow::UInt16Array>(array, row, out);
    case Type::UINT32:
      return append_integer<arrow::UInt32Array>(array, row, out);
    case Type::UINT64:
      return append_integer<arrow::UInt64Array>(array, row, out);
    case Type::HALF_FLOAT:
      return append_number(half_value(array, row), out);
    case Type::FLOAT:
      return append_number(as<arrow::FloatArray>(array).Value(row), out);
    case Type::DOUBLE:
      return append_number(as<arrow::DoubleArray>(array).Value(row), out);
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
      return append_printed(array, row, true, out);
    default:
      append_printed(array, row, false, out);
  }
}

}  // namespace

bool is_absent(const arrow::Array& array, std::int64_t row) {
  if (array.type_id() == Type::NA || array.IsNull(row)) return true;
  if (array.type_id() == Type::DOUBLE) return !std::isfinite(as<arrow::DoubleArray>(array).Value(row));
  if (array.type_id() == Type::FLOAT) return !std::isfinite(as<arrow::FloatArray>(array).Value(row));
  return array.type_id() == Type::HALF_FLOAT && !std::isfinite(half_value(array, row));
}

void append_json(const arrow::Array& array, std::int64_t row, std::string& out) {
  if (is_absent(array, row)) {
    out += "null";
    return;
  }
  switch (array.type_id()) {
    case Type::STRING:
      return append_quoted(as<arrow::StringArray>(array).GetView(row), out);
    case Type::LARGE_STRING:
      return append_quoted(as<arrow::LargeStringArray>(array).GetView(row), out);
    case Type::STRING_VIEW:
      return append_quoted(as<arrow::StringViewArray>(array).GetView(row), out);
    case Type::BINARY:
      return append_bytes(as<arrow::BinaryArray>(array).GetView(row), out);
    case Type::LARGE_BINARY:
      return append_bytes(as<arrow::LargeBinaryArray>(array).GetView(row), out);
    case Type::BINARY_VIEW:
      return append_bytes(as<arrow::BinaryViewArray>(array).GetView(row), out);
    case Type::FIXED_SIZE_BINARY:
      return append_bytes(as<arrow::FixedSizeBinaryArray>(array).GetView(row), out);
    case Type::LIST:
      return append_list<arrow::ListArray>(array, row, out);
    case Type::LARGE_LIST:
      return append_list<arrow::LargeListArray>(array, row, out);
    case Type::FIXED_SIZE_LIST:
      return append_list<arrow::FixedSizeListArray>(array, row, out);
    case Type::LIST_VIEW:
      return append_list<arrow::ListViewArray>(array, row, out);
    case Type::LARGE_LIST_VIEW:
      return append_list<arrow::LargeListViewArray>(array, row, out);
    case Type::STRUCT:
      return append_struct(as<arrow::StructArray>(array), row, out);
    case Type::MAP:
      return append_map(as<arrow::MapArray>(array), row, out);
    case Type::DICTIONARY: {
      const auto& words = as<arrow::DictionaryArray>(array);
      return append_json(*words.dictionary(), words.GetValueIndex(row), out);
    }
    case Type::EXTENSION:
      return append_extension(static_cast<const arrow::ExtensionArray&>(array), row, out);
    default:
      append_simple(array, row, out);
  }
}

}  // namespace farpoint::corpus
