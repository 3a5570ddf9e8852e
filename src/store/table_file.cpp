// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "farpoint/base/activity.hpp"
#include "hdf5_attribute.hpp"
#include "hdf5_call.hpp"
#include "number_type.hpp"
#include "table_type.hpp"
#include "text_type.hpp"

namespace farpoint::store {

namespace {

namespace fs = std::filesystem;

/// The result of `work()`, which reads the file. What HDF5 refuses there is damage.
template <typename Work>
auto reading(const fs::path& path, Work work) {
  try {
    return work();
  } catch (const Hdf5Error& error) {
    throw DamagedFile(
        fmt::format("{}: not a readable HDF5 file: {}; check that it is the file you mean, or make it anew",
                    path.string(), error.what()));
  }
}

/// A column that announces more is damaged, or all but empty: packed values are up to 1,032 times smaller (zlib).
std::uint64_t most_bytes(const fs::path& path) {
  constexpr std::uint64_t always = 64U << 20;
  return always + 2048 * static_cast<std::uint64_t>(fs::file_size(path));
}

/// The texts that HDF5 allocates while it reads a block of variable-length strings.
class VariableTexts {
 public:
  VariableTexts(const TypeHandle& type, const SpaceHandle& space, std::size_t count)
      : type_(type), space_(space), texts_(count, nullptr) {}
  ~VariableTexts() { H5Dvlen_reclaim(type_.get(), space_.get(), H5P_DEFAULT, texts_.data()); }
  VariableTexts(const VariableTexts&) = delete;
  VariableTexts& operator=(const VariableTexts&) = delete;

  void* data() { return texts_.data(); }
  void append_to(Strings& texts) const {
    for (const char* text : texts_) texts.push_back(text == nullptr ? std::string_view() : text);
  }

 private:
  const TypeHandle& type_;
  const SpaceHandle& space_;
  std::vector<char*> texts_;
};

/// `count` rows of a dataset from row `begin`.
class Block {
 public:
  Block(const DatasetHandle& dataset, const ColumnInfo& info, std::uint64_t begin, std::uint64_t count)
      : dataset_(dataset), count_(count), width_(info.width == 0 ? 1 : info.width), selection_(space_of(dataset)) {
    select_rows(selection_, begin, count);
    Dimensions dimensions{count};
    if (info.width != 0) dimensions.push_back(info.width);
    rows_ = create_space(dimensions);
  }

  template <typename Number>
  void read_into(std::vector<Number>& numbers) const {
    numbers.resize(count_ * width_);
    read(dataset_, memory_type<Number>(), rows_, selection_, numbers.data());
  }

  void read_into(Strings& texts) const {
    // Read with the stored type: HDF5 does not convert between its character sets, and bytes are bytes here.
    const auto type = type_of(dataset_);
    if (checked(H5Tis_variable_str(type.get()), "find the length of texts") > 0) {
      VariableTexts block(type, rows_, count_);
      read(dataset_, type.get(), rows_, selection_, block.data());
      block.append_to(texts);
      return;
    }
    const auto size = H5Tget_size(type.get());
    std::string fields(count_ * size, '\0');
    read(dataset_, type.get(), rows_, selection_, fields.data());
    for (std::size_t i = 0; i < count_; ++i) {
      texts.push_back(without_padding(std::string_view(fields).substr(i * size, size), H5Tget_strpad(type.get())));
    }
  }

 private:
  const DatasetHandle& dataset_;
  std::size_t count_;
  std::size_t width_;
  SpaceHandle selection_;
  SpaceHandle rows_;
};

}  // namespace

struct TableFile::Implementation {
  fs::path path;
  FileHandle file;
  std::map<std::string, ColumnInfo> columns;
};

TableFile::TableFile(const fs::path& path) : implementation_(std::make_unique<Implementation>()) {
  const ScopedActivity files(Activity::files);
  auto& table = *implementation_;
  table.path = path;
  reading(path, [&] {
    table.file = open_file(path);
    for (auto& name : list_objects(table.file.get()).datasets) {
      auto info = describe(name, open_dataset(table.file.get(), name));
      table.columns.emplace(std::move(name), std::move(info));
    }
  });
}

TableFile::~TableFile() = default;
TableFile::TableFile(TableFile&&) noexcept = default;
TableFile& TableFile::operator=(TableFile&&) noexcept = default;

std::map<std::string, Attribute> TableFile::attributes() const {
  const auto& table = *implementation_;
  return reading(table.path, [&] {
    std::map<std::string, Attribute> attributes;
    for (const auto& name : attribute_names(table.file.get())) {
      if (auto value = read_attribute(table.file.get(), name)) attributes.emplace(name, std::move(*value));
    }
    return attributes;
  });
}

std::vector<ColumnInfo> TableFile::columns() const {
  std::vector<ColumnInfo> infos;
  for (const auto& [name, info] : implementation_->columns) infos.push_back(info);
  return infos;
}

bool TableFile::has(const std::string& name) const {
  return implementation_->columns.contains(name);
}

Column TableFile::read(const std::string& name, std::uint64_t begin, std::uint64_t count) const {
  const ScopedActivity files(Activity::files);
  const auto& table = *implementation_;
  const auto found = table.columns.find(name);
  if (found == table.columns.end()) throw Error(fmt::format("{}: it has no column '{}'", table.path.string(), name));
  const auto& info = found->second;
  auto values = no_values(info.type);
  if (!values) {
    throw Error(
        fmt::format("{}: column '{}' is {}, which cannot be read: write it as numbers or texts, one value or "
                    "one row of numbers a record",
                    table.path.string(), name, info.type));
  }
  Column column{name, std::move(*values), info.width};
  count = begin < info.rows ? std::min(count, info.rows - begin) : 0;
  if (count == 0) return column;
  reading(table.path, [&] {
    const auto dataset = open_dataset(table.file.get(), name);
    if (!bytes_of_values(dataset, dimensions_of(space_of(dataset)), most_bytes(table.path))) {
      throw DamagedFile(fmt::format("{}: column '{}' announces {} rows, which no file of its size holds; make it anew",
                                    table.path.string(), name, info.rows));
    }
    const Block block(dataset, info, begin, count);
    std::visit([&](auto& typed) { block.read_into(typed); }, column.values);
  });
  return column;
}

}  // namespace farpoint::store
