// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hdf5_handle.hpp"

/// The HDF5 calls that this layer makes, each checked. All throw Hdf5Error; `file` is any file or group identifier, and
/// `name` a path below it, with '/' between groups.
namespace farpoint::store {

using Dimensions = std::vector<hsize_t>;

/// Opens for reading. Throws Error when there is no such file, or it may not be read; Hdf5Error when it is not HDF5.
FileHandle open_file(const std::filesystem::path& path);

/// Access properties without file locks, which many cluster file systems refuse and which files that are renamed when
/// complete do not need.
PropertiesHandle file_access();
/// Creation properties of class `type` (file, group or dataset). Times are left out, so that equal content gives equal
/// bytes. Names and attributes stay in the object's own header, however many they are: HDF5 checks it as a whole before
/// it uses any of it, while HDF5 1.10 crashes on damaged blocks of the trees that it would move them to.
PropertiesHandle creation(hid_t type);

struct Objects {
  std::vector<std::string> groups;
  std::vector<std::string> datasets;
};
/// Everything below `file`, by full name without the leading '/', sorted.
Objects list_objects(hid_t file);

/// Creates the groups above `name` that do not exist yet.
void create_parents(hid_t file, const std::string& name);
GroupHandle create_group(hid_t file, const std::string& name);
ObjectHandle open_object(hid_t file, const std::string& name);

DatasetHandle create_dataset(hid_t file, const std::string& name, hid_t type, const SpaceHandle& space,
                             const PropertiesHandle& properties);
DatasetHandle open_dataset(hid_t file, const std::string& name);
void extend(const DatasetHandle& dataset, const Dimensions& dimensions);
SpaceHandle space_of(const DatasetHandle& dataset);
TypeHandle type_of(const DatasetHandle& dataset);

SpaceHandle create_space(const Dimensions& dimensions);
/// The same shape with a first dimension that may grow without limit.
SpaceHandle create_growing_space(const Dimensions& dimensions);
Dimensions dimensions_of(const SpaceHandle& space);
/// The bytes of all values of this shape as they are stored, unpacked; nothing when there are more than `most`.
std::optional<std::uint64_t> bytes_of_values(const DatasetHandle& dataset, const Dimensions& dimensions,
                                             std::uint64_t most);
/// Selects `count` rows from row `begin`, each of them whole.
void select_rows(const SpaceHandle& space, hsize_t begin, hsize_t count);

/// Everything: spaces left out.
void write(const DatasetHandle& dataset, hid_t memory_type, const void* values);
void read(const DatasetHandle& dataset, hid_t memory_type, void* values);
/// The rows that are selected in `file_space`; `memory_space` says how many there are.
void write(const DatasetHandle& dataset, hid_t memory_type, const SpaceHandle& memory_space,
           const SpaceHandle& file_space, const void* values);
void read(const DatasetHandle& dataset, hid_t memory_type, const SpaceHandle& memory_space,
          const SpaceHandle& file_space, void* values);

/// Variable-length UTF-8 strings.
TypeHandle variable_text_type();

}  // namespace farpoint::store
