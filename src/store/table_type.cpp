// SPDX-License-Identifier: Apache-2.0
#include "table_type.hpp"

#include <fmt/format.h>

#include <string_view>

#include "hdf5_call.hpp"

namespace farpoint::store {

namespace {

std::string integer_name(const TypeHandle& type) {
  const auto size = H5Tget_size(type.get());
  if (size > 8) return "integer";
  if (H5Tget_sign(type.get()) != H5T_SGN_NONE) return "int64";
  if (size == 1) return "uint8";
  return size <= 4 ? "uint32" : "uint64";
}

std::string float_name(const TypeHandle& type) {
  const auto size = H5Tget_size(type.get());
  if (size > 8) return "float";
  return size <= 4 ? "float32" : "float64";
}

/// h5py writes numpy's bool as an enumeration of FALSE and TRUE.
bool is_boolean(const TypeHandle& type) {
  if (H5Tget_nmembers(type.get()) != 2) return false;
  char* name = H5Tget_member_name(type.get(), 0);
  const bool boolean = name != nullptr && std::string_view(name) == "FALSE";
  H5free_memory(name);
  return boolean;
}

std::string type_name_of(const TypeHandle& type) {
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER:
      return integer_name(type);
    case H5T_FLOAT:
      return float_name(type);
    case H5T_STRING:
      return "text";
    case H5T_ENUM:
      return is_boolean(type) ? "uint8" : "enum";
    case H5T_BITFIELD:
      return "bitfield";
    case H5T_OPAQUE:
      return "opaque";
    case H5T_COMPOUND:
      return "compound";
    case H5T_REFERENCE:
      return "reference";
    case H5T_VLEN:
      return "vlen";
    case H5T_ARRAY:
      return "array";
    default:
      return "unknown";
  }
}

}  // namespace

ColumnInfo describe(const std::string& name, const DatasetHandle& dataset) {
  const auto type = type_name_of(type_of(dataset));
  const auto space = space_of(dataset);
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) return {name, fmt::format("{} without values", type), 0, 0};
  const auto dimensions = dimensions_of(space);
  if (dimensions.size() == 1) return {name, type, dimensions[0], 0};
  if (dimensions.size() == 2 && dimensions[1] > 0 && type != "text") return {name, type, dimensions[0], dimensions[1]};
  return {name, fmt::format("{} of shape ({})", type, fmt::join(dimensions, ", ")),
          dimensions.empty() ? 1 : dimensions[0], 0};
}

}  // namespace farpoint::store
