// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "column_rules.hpp"
#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/store/table_file.hpp"
#include "hdf5_attribute.hpp"
#include "hdf5_call.hpp"
#include "new_file.hpp"
#include "number_type.hpp"

namespace farpoint::store {

namespace {

struct OpenColumn {
  DatasetHandle dataset;
  std::string type;
  std::size_t width;
  std::uint64_t rows;
};

constexpr std::string_view replacement_character = "\uFFFD";

/// `text` as a C string, appended to `buffer`.
void append_c_string(std::string& buffer, std::string_view text) {
  for (auto nul = text.find('\0'); nul != std::string_view::npos; nul = text.find('\0')) {
    buffer.append(text.substr(0, nul)).append(replacement_character);
    text.remove_prefix(nul + 1);
  }
  buffer.append(text).push_back('\0');
}

/// The block as HDF5 takes it: a pointer to a NUL-terminated string for each text.
class CStrings {
 public:
  explicit CStrings(const Strings& texts) {
    buffer_.reserve(texts.bytes.size() + texts.size());
    std::vector<std::size_t> begins;
    begins.reserve(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      begins.push_back(buffer_.size());
      append_c_string(buffer_, texts[i]);
    }
    pointers_.reserve(begins.size());
    for (const auto begin : begins) pointers_.push_back(buffer_.data() + begin);
  }
  const void* data() const { return pointers_.data(); }

 private:
  std::string buffer_;
  std::vector<const char*> pointers_;
};

/// Checks each text alone: a character cut in two by the border of two texts is valid only in their sum.
void check_utf8(const Column& column) {
  const auto* texts = std::get_if<Strings>(&column.values);
  if (texts == nullptr) return;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    if (!is_utf8((*texts)[i]))
      throw Error(fmt::format("column '{}': text {} of the block is not UTF-8", column.name, i));
  }
}

Dimensions shape(std::uint64_t rows, std::size_t width) {
  Dimensions dimensions{rows};
  if (width != 0) dimensions.push_back(width);
  return dimensions;
}

/// Bytes a row takes in the dataset itself; of a text that is its length and its place in the file.
std::size_t row_bytes(const Column& column) {
  return std::visit(
      [&]<typename Typed>(const Typed&) -> std::size_t {
        if constexpr (std::is_same_v<Typed, Strings>) return 16;
        if constexpr (!std::is_same_v<Typed, Strings>) {
          return sizeof(typename Typed::value_type) * std::max<std::size_t>(column.width, 1);
        }
      },
      column.values);
}

/// Chunks of 64 KiB to 1 MiB, or one row if that is more: HDF5 keeps up to 1 MiB of a dataset in memory, and in a small
/// file most of a large chunk would be empty.
hsize_t chunk_rows(const Column& block) {
  constexpr std::size_t smallest = 64 << 10;
  constexpr std::size_t largest = 1 << 20;
  const std::size_t bytes = row_bytes(block);
  return std::clamp(block.rows(), std::max<std::size_t>(smallest / bytes, 1),
                    std::max<std::size_t>(largest / bytes, 1));
}

/// The stored type of the column's values.
TypeHandle stored_type_of(const Column& column) {
  return std::visit(
      [&]<typename Typed>(const Typed&) {
        if constexpr (std::is_same_v<Typed, Strings>) {
          return variable_text_type();
        } else {
          return TypeHandle(H5Tcopy(stored_type<typename Typed::value_type>()), "create a number type");
        }
      },
      column.values);
}

OpenColumn create(hid_t file, const Column& block) {
  create_parents(file, block.name);
  const auto properties = creation(H5P_DATASET_CREATE);
  const auto chunk = shape(chunk_rows(block), block.width);
  checked(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), "set the size of chunks");
  return {create_dataset(file, block.name, stored_type_of(block).get(), create_growing_space(shape(0, block.width)),
                         properties),
          std::string(type_name(block.values)), block.width, 0};
}

template <typename Number>
void write_rows(const OpenColumn& column, const SpaceHandle& rows, const SpaceHandle& selection,
                const std::vector<Number>& numbers) {
  write(column.dataset, memory_type<Number>(), rows, selection, numbers.data());
}

void write_rows(const OpenColumn& column, const SpaceHandle& rows, const SpaceHandle& selection, const Strings& texts) {
  write(column.dataset, variable_text_type().get(), rows, selection, CStrings(texts).data());
}

void append_rows(OpenColumn& column, const Column& block) {
  const auto count = block.rows();
  if (count == 0) return;
  extend(column.dataset, shape(column.rows + count, column.width));
  const auto selection = space_of(column.dataset);
  select_rows(selection, column.rows, count);
  const auto rows = create_space(shape(count, column.width));
  std::visit([&](const auto& values) { write_rows(column, rows, selection, values); }, block.values);
  column.rows += count;
}

void check_same(const OpenColumn& column, const Column& block) {
  if (column.type == type_name(block.values) && column.width == block.width) return;
  throw Error(fmt::format("column '{}': a block of {} with rows of {} cannot follow {} with rows of {}", block.name,
                          type_name(block.values), block.width, column.type, column.width));
}

void write_attribute(hid_t file, const std::string& name, const std::string& text) {
  std::string shown;
  append_c_string(shown, text);
  shown.pop_back();
  write_variable_text(file, name, shown);
}
void write_attribute(hid_t file, const std::string& name, double value) {
  write_number(file, name, value);
}
void write_attribute(hid_t file, const std::string& name, std::uint64_t value) {
  write_number(file, name, value);
}

}  // namespace

struct TableWriter::Implementation {
  NewFile file;
  std::map<std::string, OpenColumn> columns;  ///< after the file: they close before it
};

TableWriter::TableWriter(const std::filesystem::path& path) : implementation_(new Implementation{NewFile(path), {}}) {}

TableWriter::~TableWriter() = default;

void TableWriter::append(const Column& block) {
  const ScopedActivity files(Activity::files);
  check_column(block);
  check_utf8(block);
  auto& [file, columns] = *implementation_;
  file.write([&](hid_t root) {
    auto column = columns.find(block.name);
    if (column == columns.end()) column = columns.emplace(block.name, create(root, block)).first;
    check_same(column->second, block);
    append_rows(column->second, block);
  });
}

void TableWriter::set(const std::string& name, const Attribute& value) {
  check_attribute_name(name);
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && !is_utf8(*text)) throw Error(fmt::format("attribute '{}': its text is not UTF-8", name));
  implementation_->file.write([&](hid_t root) {
    if (has_attribute(root, name)) remove_attribute(root, name);
    std::visit([&](const auto& typed) { write_attribute(root, name, typed); }, value);
  });
}

void TableWriter::commit() {
  const ScopedActivity files(Activity::files);
  auto& [file, columns] = *implementation_;
  file.write([&](hid_t) {
    for (auto& [name, column] : columns) column.dataset.close(fmt::format("finish column '{}'", name));
  });
  file.commit();
}

}  // namespace farpoint::store
