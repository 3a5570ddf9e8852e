// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "farpoint/store/column.hpp"

/// The types of Values, as HDF5 knows them.
namespace farpoint::store {

/// As it is in files: little-endian on every machine.
template <typename Number>
hid_t stored_type() {
  if constexpr (std::is_same_v<Number, std::uint8_t>) return H5T_STD_U8LE;
  if constexpr (std::is_same_v<Number, std::uint32_t>) return H5T_STD_U32LE;
  if constexpr (std::is_same_v<Number, std::int64_t>) return H5T_STD_I64LE;
  if constexpr (std::is_same_v<Number, std::uint64_t>) return H5T_STD_U64LE;
  if constexpr (std::is_same_v<Number, float>) return H5T_IEEE_F32LE;
  if constexpr (std::is_same_v<Number, double>) return H5T_IEEE_F64LE;
}

/// As it is in memory.
template <typename Number>
hid_t memory_type() {
  if constexpr (std::is_same_v<Number, std::uint8_t>) return H5T_NATIVE_UINT8;
  if constexpr (std::is_same_v<Number, std::uint32_t>) return H5T_NATIVE_UINT32;
  if constexpr (std::is_same_v<Number, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::is_same_v<Number, std::uint64_t>) return H5T_NATIVE_UINT64;
  if constexpr (std::is_same_v<Number, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::is_same_v<Number, double>) return H5T_NATIVE_DOUBLE;
}

/// No values, of the type with this type_name(); nothing when there is none.
std::optional<Values> no_values(std::string_view type);

/// type_name() of the number type that files hold as `type`; nothing when Values has none that is exactly so.
std::optional<std::string_view> stored_type_name(hid_t type);

}  // namespace farpoint::store
