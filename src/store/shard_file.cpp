// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/shard_file.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "column_rules.hpp"
#include "farpoint/base/activity.hpp"
#include "hdf5_attribute.hpp"
#include "hdf5_call.hpp"
#include "number_type.hpp"
#include "shard_format.hpp"

namespace farpoint::store {

namespace {

namespace fs = std::filesystem;
namespace format = shard_format;

[[noreturn]] void throw_damaged(const fs::path& path, std::string_view reason) {
  throw DamagedFile(fmt::format("{}: not a whole shard file: {}; delete it and run again: it will be made anew",
                                path.string(), reason));
}

/// The result of `work()`, which reads the file: what HDF5 refuses there is damage.
template <typename Work>
auto reading(const fs::path& path, Work work) {
  try {
    return work();
  } catch (const Hdf5Error& error) {
    throw_damaged(path, error.what());
  }
}

/// Finds out what a file holds, before its columns are read.
class Inspector {
 public:
  Inspector(const fs::path& path, hid_t file) : path_(path), file_(file) {}

  void check_format() const {
    if (read_exact_text(file_, format::format_attribute) != format::format) {
      throw_damaged(path_, "it lacks the mark of a shard file");
    }
    const auto version = read_number(file_, format::version_attribute);
    if (version != format::version) {
      throw_damaged(
          path_, fmt::format("its format version is {}, this program reads {}", version.value_or(0), format::version));
    }
  }

  Attributes attributes() const {
    Attributes attributes;
    for (const auto& name : attribute_names(file_)) {
      if (format::is_reserved(name)) continue;
      auto value = read_exact_text(file_, name);
      if (!value) throw_damaged(path_, fmt::format("attribute '{}' is not text", name));
      attributes.emplace(name, std::move(*value));
    }
    return attributes;
  }

  format::StoredColumns columns() const {
    const auto objects = list_objects(file_);
    format::StoredColumns columns;
    std::set<std::string> parts;
    for (const auto& group : objects.groups) {
      if (!is_text(group)) continue;
      columns.emplace(group, text_column(group));
      parts.insert({format::bytes_of(group), format::offsets_of(group)});
    }
    for (const auto& name : objects.datasets) {
      if (!parts.contains(name)) columns.emplace(name, describe(name));
    }
    return columns;
  }

  void check_summary(const Attributes& attributes, const format::StoredColumns& columns) const {
    if (read_number(file_, format::checksum_attribute) != format::summary_checksum(attributes, columns)) {
      throw_damaged(path_, "the checksum over its attributes and columns is wrong");
    }
  }

 private:
  bool is_text(const std::string& group) const {
    return read_exact_text(open_object(file_, group).get(), format::type_attribute) == format::text_type;
  }

  format::StoredColumn text_column(const std::string& name) const {
    const auto bytes = describe(format::bytes_of(name));
    const auto offsets = describe(format::offsets_of(name));
    const bool lists = bytes.info.width == 0 && offsets.info.width == 0;
    if (bytes.info.type != "uint8" || offsets.info.type != "uint64" || offsets.info.rows == 0 || !lists) {
      throw_damaged(path_, fmt::format("column '{}' lacks a text column's parts", name));
    }
    return {{name, std::string(format::text_type), offsets.info.rows - 1, 0},
            {bytes.checksums.front(), offsets.checksums.front()}};
  }

  /// One dataset.
  format::StoredColumn describe(const std::string& name) const {
    const auto dataset = open_dataset(file_, name);
    const auto type = stored_type_name(type_of(dataset).get());
    const auto dimensions = dimensions_of(space_of(dataset));
    const auto checksum = read_number(dataset.get(), format::checksum_attribute);
    const bool rows_or_values = dimensions.size() == 1 || (dimensions.size() == 2 && dimensions.back() > 0);
    if (!type || !rows_or_values) throw_damaged(path_, fmt::format("dataset '{}' is not a column", name));
    if (!checksum) throw_damaged(path_, fmt::format("dataset '{}' has no checksum", name));
    check_size(name, dataset, dimensions);
    return {{name, std::string(*type), dimensions.front(), dimensions.size() == 2 ? dimensions.back() : 0},
            {*checksum}};
  }

  /// Before memory is asked for: that the file has all of the values that it announces.
  void check_size(const std::string& name, const DatasetHandle& dataset, const Dimensions& dimensions) const {
    if (!bytes_of_values(dataset, dimensions, file_size_)) {
      throw_damaged(path_, fmt::format("dataset '{}' announces {} values, more than a file of {} bytes holds", name,
                                       fmt::join(dimensions, " x "), file_size_));
    }
  }

  const fs::path& path_;
  hid_t file_;
  std::uint64_t file_size_ = fs::file_size(path_);
};

}  // namespace

struct ShardFile::Implementation {
  fs::path path;
  FileHandle file;
  Attributes attributes;
  format::StoredColumns columns;

  /// Fills `values` from the dataset and checks them against its checksum.
  template <typename Container>
  void read(const std::string& name, Container& values, std::uint64_t checksum) const {
    using Number =
        std::conditional_t<std::is_same_v<Container, std::string>, std::uint8_t, typename Container::value_type>;
    const auto dataset = open_dataset(file.get(), name);
    std::size_t count = 1;
    for (const auto size : dimensions_of(space_of(dataset))) count *= size;
    values.resize(count);
    if (count > 0) store::read(dataset, memory_type<Number>(), values.data());
    if (format::checksum(values) != checksum) throw_damaged(path, fmt::format("the checksum of '{}' is wrong", name));
  }

  template <typename Container>
  void read_values(const format::StoredColumn& column, Container& values) const {
    read(column.info.name, values, column.checksums.front());
  }

  void read_values(const format::StoredColumn& column, Strings& texts) const {
    read(format::bytes_of(column.info.name), texts.bytes, column.checksums.front());
    read(format::offsets_of(column.info.name), texts.offsets, column.checksums.back());
    if (!consistent(texts)) throw_damaged(path, fmt::format("the offsets of '{}' do not fit", column.info.name));
  }
};

ShardFile::ShardFile(const fs::path& path) : implementation_(std::make_unique<Implementation>()) {
  const ScopedActivity files(Activity::files);
  auto& shard = *implementation_;
  shard.path = path;
  reading(path, [&] {
    shard.file = open_file(path);
    const Inspector inspector(shard.path, shard.file.get());
    inspector.check_format();
    shard.attributes = inspector.attributes();
    shard.columns = inspector.columns();
    inspector.check_summary(shard.attributes, shard.columns);
  });
}

ShardFile::~ShardFile() = default;
ShardFile::ShardFile(ShardFile&&) noexcept = default;
ShardFile& ShardFile::operator=(ShardFile&&) noexcept = default;

const Attributes& ShardFile::attributes() const {
  return implementation_->attributes;
}

std::vector<ColumnInfo> ShardFile::columns() const {
  std::vector<ColumnInfo> infos;
  for (const auto& [name, column] : implementation_->columns) infos.push_back(column.info);
  return infos;
}

bool ShardFile::has(const std::string& name) const {
  return implementation_->columns.contains(name);
}

Column ShardFile::read(const std::string& name) const {
  const ScopedActivity files(Activity::files);
  const auto& shard = *implementation_;
  const auto stored = shard.columns.find(name);
  if (stored == shard.columns.end()) throw Error(fmt::format("{}: it has no column '{}'", shard.path.string(), name));
  Column column{name, *no_values(stored->second.info.type), stored->second.info.width};
  reading(shard.path,
          [&] { std::visit([&](auto& values) { shard.read_values(stored->second, values); }, column.values); });
  return column;
}

std::uint64_t ShardFile::offset_of(const std::string& name) const {
  const auto& shard = *implementation_;
  if (!has(name)) throw Error(fmt::format("{}: it has no column '{}'", shard.path.string(), name));
  return reading(shard.path, [&] {
    const auto offset = H5Dget_offset(open_dataset(shard.file.get(), name).get());
    return offset == HADDR_UNDEF ? std::uint64_t{0} : std::uint64_t{offset};
  });
}

void ShardFile::verify() const {
  for (const auto& [name, column] : implementation_->columns) read(name);
}

std::optional<Attributes> intact_shard(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  try {
    const ShardFile shard(path);
    shard.verify();
    return shard.attributes();
  } catch (const DamagedFile&) {
    return std::nullopt;
  }
}

}  // namespace farpoint::store
