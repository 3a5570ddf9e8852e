// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "column_rules.hpp"
#include "farpoint/base/activity.hpp"
#include "hdf5_attribute.hpp"
#include "hdf5_call.hpp"
#include "new_file.hpp"
#include "number_type.hpp"
#include "shard_format.hpp"

namespace farpoint::store {

namespace {

namespace format = shard_format;

/// One contiguous dataset with its checksum, which is returned.
template <typename Container>
std::uint64_t write_dataset(hid_t file, const std::string& name, const Container& values,
                            const Dimensions& dimensions) {
  using Number =
      std::conditional_t<std::is_same_v<Container, std::string>, std::uint8_t, typename Container::value_type>;
  const auto properties = creation(H5P_DATASET_CREATE);
  checked(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), "switch fill values off");
  auto dataset = create_dataset(file, name, stored_type<Number>(), create_space(dimensions), properties);
  if (!values.empty()) write(dataset, memory_type<Number>(), values.data());
  const auto checksum = format::checksum(values);
  write_number(dataset.get(), format::checksum_attribute, checksum);
  dataset.close(fmt::format("finish dataset '{}'", name));
  return checksum;
}

std::vector<std::uint64_t> write_values(hid_t file, const Column& column, const Strings& texts) {
  write_exact_text(create_group(file, column.name).get(), format::type_attribute, format::text_type);
  return {write_dataset(file, format::bytes_of(column.name), texts.bytes, {texts.bytes.size()}),
          write_dataset(file, format::offsets_of(column.name), texts.offsets, {texts.offsets.size()})};
}

template <typename Number>
std::vector<std::uint64_t> write_values(hid_t file, const Column& column, const std::vector<Number>& values) {
  Dimensions dimensions{column.rows()};
  if (column.width != 0) dimensions.push_back(column.width);
  return {write_dataset(file, column.name, values, dimensions)};
}

format::StoredColumn write_column(hid_t file, const Column& column) {
  create_parents(file, column.name);
  auto checksums = std::visit([&](const auto& values) { return write_values(file, column, values); }, column.values);
  return {{column.name, std::string(type_name(column.values)), column.rows(), column.width}, std::move(checksums)};
}

void write_attributes(hid_t file, const Attributes& attributes) {
  write_exact_text(file, format::format_attribute, format::format);
  write_number(file, format::version_attribute, format::version);
  for (const auto& [name, value] : attributes) write_exact_text(file, name, value);
}

/// HDF5 puts longer ones outside of the object's checksummed header, and crashes when they are damaged there.
constexpr std::size_t longest_attribute = 60'000;

void check_attributes(const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    check_attribute_name(name);
    if (format::is_reserved(name)) throw Error(fmt::format("attribute name '{}' is the shard format's own", name));
    if (name.size() + value.size() > longest_attribute) {
      throw Error(
          fmt::format("attribute '{:.60}': {} bytes with its name, at most {} can be stored; write it as a column",
                      name, name.size() + value.size(), longest_attribute));
    }
  }
}

/// By name, so that a column comes before those in the group of its name, and equal content gives equal bytes.
std::map<std::string_view, const Column*> sorted(std::span<const Column> columns) {
  std::map<std::string_view, const Column*> by_name;
  for (const auto& column : columns) {
    check_column(column);
    if (!by_name.emplace(column.name, &column).second) {
      throw Error(fmt::format("there are two columns with the name '{}'", column.name));
    }
  }
  return by_name;
}

}  // namespace

void write_shard(const std::filesystem::path& path, const Attributes& attributes, std::span<const Column> columns) {
  const ScopedActivity files(Activity::files);
  check_attributes(attributes);
  const auto by_name = sorted(columns);
  NewFile file(path);
  file.write([&](hid_t root) { write_attributes(root, attributes); });
  format::StoredColumns stored;
  for (const auto& [name, column] : by_name) {
    file.write([&, column = column](hid_t root) { stored.emplace(column->name, write_column(root, *column)); });
  }
  file.write([&](hid_t root) {
    write_number(root, format::checksum_attribute, format::summary_checksum(attributes, stored));
  });
  file.commit();
}

}  // namespace farpoint::store
