// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/store/table_file.hpp"
#include "hdf5_handle.hpp"

/// Scalar attributes of a file, group or dataset (`object`). All throw Hdf5Error.
namespace farpoint::store {

/// Sorted.
std::vector<std::string> attribute_names(hid_t object);
bool has_attribute(hid_t object, const std::string& name);
void remove_attribute(hid_t object, const std::string& name);

void write_number(hid_t object, const std::string& name, std::uint64_t value);
void write_number(hid_t object, const std::string& name, double value);
/// Text of fixed length, ended by one NUL byte: any bytes, kept inside the object's checksummed header.
void write_exact_text(hid_t object, const std::string& name, std::string_view text);
/// Text of variable length, which h5py shows as str.
void write_variable_text(hid_t object, const std::string& name, const std::string& text);

/// Nothing when it is not what write_number() or write_exact_text() writes.
std::optional<std::uint64_t> read_number(hid_t object, const std::string& name);
std::optional<std::string> read_exact_text(hid_t object, const std::string& name);

/// An attribute that anybody wrote. Nothing when it is not scalar text or a scalar number.
std::optional<Attribute> read_attribute(hid_t object, const std::string& name);

}  // namespace farpoint::store
