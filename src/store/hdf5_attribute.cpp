// SPDX-License-Identifier: Apache-2.0
#include "hdf5_attribute.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hdf5_call.hpp"
#include "number_type.hpp"
#include "text_type.hpp"

namespace farpoint::store {

namespace {

herr_t collect(hid_t, const char* name, const H5A_info_t*, void* names) noexcept {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

AttributeHandle open(hid_t object, const std::string& name) {
  return {H5Aopen(object, name.c_str(), H5P_DEFAULT), fmt::format("open attribute '{}'", name)};
}

TypeHandle type_of(const AttributeHandle& attribute) {
  return {H5Aget_type(attribute.get()), "find an attribute's type"};
}

bool is_scalar(const AttributeHandle& attribute) {
  const SpaceHandle space(H5Aget_space(attribute.get()), "find an attribute's shape");
  return H5Sget_simple_extent_type(space.get()) == H5S_SCALAR;
}

void read(const AttributeHandle& attribute, hid_t type, void* value) {
  checked(H5Aread(attribute.get(), type, value), "read an attribute");
}

template <typename Number>
Number read_as(const AttributeHandle& attribute) {
  Number value{};
  read(attribute, memory_type<Number>(), &value);
  return value;
}

void write(hid_t object, const std::string& name, hid_t stored, hid_t memory, const void* value) {
  const std::string action = fmt::format("write attribute '{}'", name);
  const SpaceHandle scalar(H5Screate(H5S_SCALAR), action);
  AttributeHandle attribute(H5Acreate2(object, name.c_str(), stored, scalar.get(), H5P_DEFAULT, H5P_DEFAULT), action);
  checked(H5Awrite(attribute.get(), memory, value), action);
  attribute.close(action);
}

TypeHandle exact_text_type(std::size_t length) {
  TypeHandle type(H5Tcopy(H5T_C_S1), "create a text type");
  checked(H5Tset_size(type.get(), length + 1), "create a text type");
  checked(H5Tset_cset(type.get(), H5T_CSET_UTF8), "create a text type");
  return type;
}

std::string read_variable_text(const AttributeHandle& attribute, const TypeHandle& type) {
  char* text = nullptr;
  read(attribute, type.get(), &text);
  const std::string result(text == nullptr ? "" : text);
  checked(H5free_memory(text), "release a text");
  return result;
}

std::string read_fixed_text(const AttributeHandle& attribute, const TypeHandle& type) {
  std::string field(H5Tget_size(type.get()), '\0');
  read(attribute, type.get(), field.data());
  return std::string(without_padding(field, H5Tget_strpad(type.get())));
}

Attribute read_integer(const AttributeHandle& attribute, const TypeHandle& type) {
  if (H5Tget_sign(type.get()) == H5T_SGN_NONE) return read_as<std::uint64_t>(attribute);
  const auto value = read_as<std::int64_t>(attribute);
  if (value < 0) return static_cast<double>(value);
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::vector<std::string> attribute_names(hid_t object) {
  std::vector<std::string> names;
  hsize_t position = 0;
  checked(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, &collect, &names), "list the attributes");
  std::sort(names.begin(), names.end());
  return names;
}

bool has_attribute(hid_t object, const std::string& name) {
  return checked(H5Aexists(object, name.c_str()), fmt::format("look for attribute '{}'", name)) > 0;
}

void remove_attribute(hid_t object, const std::string& name) {
  checked(H5Adelete(object, name.c_str()), fmt::format("replace attribute '{}'", name));
}

void write_number(hid_t object, const std::string& name, std::uint64_t value) {
  write(object, name, stored_type<std::uint64_t>(), memory_type<std::uint64_t>(), &value);
}

void write_number(hid_t object, const std::string& name, double value) {
  write(object, name, stored_type<double>(), memory_type<double>(), &value);
}

void write_exact_text(hid_t object, const std::string& name, std::string_view text) {
  const auto type = exact_text_type(text.size());
  const std::string ended(text);
  write(object, name, type.get(), type.get(), ended.c_str());
}

void write_variable_text(hid_t object, const std::string& name, const std::string& text) {
  const auto type = variable_text_type();
  const char* value = text.c_str();
  write(object, name, type.get(), type.get(), &value);
}

std::optional<std::uint64_t> read_number(hid_t object, const std::string& name) {
  if (!has_attribute(object, name)) return std::nullopt;
  const auto attribute = open(object, name);
  const auto type = type_of(attribute);
  const bool expected = checked(H5Tequal(type.get(), stored_type<std::uint64_t>()), "compare types") > 0;
  if (!expected || !is_scalar(attribute)) return std::nullopt;
  return read_as<std::uint64_t>(attribute);
}

std::optional<std::string> read_exact_text(hid_t object, const std::string& name) {
  if (!has_attribute(object, name)) return std::nullopt;
  const auto attribute = open(object, name);
  const auto type = type_of(attribute);
  if (H5Tget_class(type.get()) != H5T_STRING || !is_scalar(attribute)) return std::nullopt;
  if (H5Tis_variable_str(type.get()) != 0 || H5Tget_strpad(type.get()) != H5T_STR_NULLTERM) return std::nullopt;
  std::string text(H5Tget_size(type.get()), '\0');
  if (text.empty()) return std::nullopt;  // not even the NUL behind it: no writer makes such a type
  read(attribute, type.get(), text.data());
  text.pop_back();
  return text;
}

std::optional<Attribute> read_attribute(hid_t object, const std::string& name) {
  const auto attribute = open(object, name);
  const auto type = type_of(attribute);
  if (!is_scalar(attribute)) return std::nullopt;
  switch (H5Tget_class(type.get())) {
    case H5T_STRING:
      if (H5Tis_variable_str(type.get()) > 0) return read_variable_text(attribute, type);
      return read_fixed_text(attribute, type);
    case H5T_INTEGER:
      return read_integer(attribute, type);
    case H5T_ENUM:  // h5py's bool
      return read_as<std::uint64_t>(attribute);
    case H5T_FLOAT:
      return read_as<double>(attribute);
    default:
      return std::nullopt;
  }
}

}  // namespace farpoint::store
