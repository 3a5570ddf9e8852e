// SPDX-License-Identifier: Apache-2.0
#include "hdf5_call.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "farpoint/base/error.hpp"

namespace farpoint::store {

namespace {

/// HDF5 reports every failure to open alike, so that a file which is missing would look like one that is damaged.
void check_readable(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw Error(fmt::format("{}: cannot open: it is a folder or a device, not a file", path.string()));
  }
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error(fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno)));
  ::close(descriptor);
}

herr_t collect(hid_t, const char* name, const H5O_info_t* info, void* result) noexcept {
  auto& objects = *static_cast<Objects*>(result);
  if (std::string_view(name) == ".") return 0;
  if (info->type == H5O_TYPE_GROUP) objects.groups.emplace_back(name);
  if (info->type == H5O_TYPE_DATASET) objects.datasets.emplace_back(name);
  return 0;
}

SpaceHandle create_space(const Dimensions& dimensions, const Dimensions& largest) {
  const int rank = static_cast<int>(dimensions.size());
  return {H5Screate_simple(rank, dimensions.data(), largest.data()), "create a dataspace"};
}

}  // namespace

FileHandle open_file(const std::filesystem::path& path) {
  silence_hdf5();
  check_readable(path);
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, file_access().get()), "open it as an HDF5 file"};
}

PropertiesHandle file_access() {
  PropertiesHandle access(H5Pcreate(H5P_FILE_ACCESS), "create access properties");
  checked(H5Pset_file_locking(access.get(), false, true), "switch file locks off");
  return access;
}

PropertiesHandle creation(hid_t type) {
  PropertiesHandle properties(H5Pcreate(type), "create creation properties");
  checked(H5Pset_obj_track_times(properties.get(), false), "switch times off");
  constexpr unsigned any_number = 65535;  // the largest that HDF5 takes
  checked(H5Pset_attr_phase_change(properties.get(), any_number, 0), "keep attributes in the header");
  if (checked(H5Pisa_class(properties.get(), H5P_GROUP_CREATE), "compare property classes") > 0) {
    checked(H5Pset_link_phase_change(properties.get(), any_number, 0), "keep names in the header");
  }
  return properties;
}

Objects list_objects(hid_t file) {
  Objects objects;
  checked(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, &collect, &objects, H5O_INFO_BASIC), "list the columns");
  std::sort(objects.groups.begin(), objects.groups.end());
  std::sort(objects.datasets.begin(), objects.datasets.end());
  return objects;
}

void create_parents(hid_t file, const std::string& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string group = name.substr(0, slash);
    const auto exists = checked(H5Lexists(file, group.c_str(), H5P_DEFAULT), fmt::format("look for group '{}'", group));
    if (exists == 0) create_group(file, group);
  }
}

GroupHandle create_group(hid_t file, const std::string& name) {
  const auto properties = creation(H5P_GROUP_CREATE);
  return {H5Gcreate2(file, name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
          fmt::format("create group '{}'", name)};
}

ObjectHandle open_object(hid_t file, const std::string& name) {
  return {H5Oopen(file, name.c_str(), H5P_DEFAULT), fmt::format("open '{}'", name)};
}

DatasetHandle create_dataset(hid_t file, const std::string& name, hid_t type, const SpaceHandle& space,
                             const PropertiesHandle& properties) {
  return {H5Dcreate2(file, name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
          fmt::format("create dataset '{}'", name)};
}

DatasetHandle open_dataset(hid_t file, const std::string& name) {
  return {H5Dopen2(file, name.c_str(), H5P_DEFAULT), fmt::format("open dataset '{}'", name)};
}

void extend(const DatasetHandle& dataset, const Dimensions& dimensions) {
  checked(H5Dset_extent(dataset.get(), dimensions.data()), "extend a dataset");
}

SpaceHandle space_of(const DatasetHandle& dataset) {
  return {H5Dget_space(dataset.get()), "find a dataset's shape"};
}

TypeHandle type_of(const DatasetHandle& dataset) {
  return {H5Dget_type(dataset.get()), "find a dataset's type"};
}

SpaceHandle create_space(const Dimensions& dimensions) {
  return create_space(dimensions, dimensions);
}

SpaceHandle create_growing_space(const Dimensions& dimensions) {
  Dimensions largest = dimensions;
  largest.front() = H5S_UNLIMITED;
  return create_space(dimensions, largest);
}

Dimensions dimensions_of(const SpaceHandle& space) {
  const int rank = checked(H5Sget_simple_extent_ndims(space.get()), "find the number of dimensions");
  Dimensions dimensions(static_cast<std::size_t>(rank));
  checked(H5Sget_simple_extent_dims(space.get(), dimensions.data(), nullptr), "find the dimensions");
  return dimensions;
}

std::optional<std::uint64_t> bytes_of_values(const DatasetHandle& dataset, const Dimensions& dimensions,
                                             std::uint64_t most) {
  std::uint64_t bytes = H5Tget_size(type_of(dataset).get());
  for (const std::uint64_t size : dimensions) {
    if (size == 0) return 0;
    if (bytes > most / size) return std::nullopt;
    bytes *= size;
  }
  return bytes;
}

void select_rows(const SpaceHandle& space, hsize_t begin, hsize_t count) {
  Dimensions counts = dimensions_of(space);
  Dimensions start(counts.size(), 0);
  start.front() = begin;
  counts.front() = count;
  checked(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, counts.data(), nullptr),
          "select rows");
}

void write(const DatasetHandle& dataset, hid_t memory_type, const void* values) {
  checked(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "write values");
}

void read(const DatasetHandle& dataset, hid_t memory_type, void* values) {
  checked(H5Dread(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "read values");
}

void write(const DatasetHandle& dataset, hid_t memory_type, const SpaceHandle& memory_space,
           const SpaceHandle& file_space, const void* values) {
  checked(H5Dwrite(dataset.get(), memory_type, memory_space.get(), file_space.get(), H5P_DEFAULT, values),
          "write values");
}

void read(const DatasetHandle& dataset, hid_t memory_type, const SpaceHandle& memory_space,
          const SpaceHandle& file_space, void* values) {
  checked(H5Dread(dataset.get(), memory_type, memory_space.get(), file_space.get(), H5P_DEFAULT, values),
          "read values");
}

TypeHandle variable_text_type() {
  TypeHandle type(H5Tcopy(H5T_C_S1), "create a text type");
  checked(H5Tset_size(type.get(), H5T_VARIABLE), "create a text type");
  checked(H5Tset_cset(type.get(), H5T_CSET_UTF8), "create a text type");
  return type;
}

}  // namespace farpoint::store
