// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stage_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <optional>
#include <thread>

#include "farpoint/base/error.hpp"
#include "listed_files.hpp"

namespace farpoint::pipeline {

namespace {

using Ids = std::vector<std::uint64_t>;

/// Where in `from` each of `ids` stands. Both ascend, and `ids` is part of `from`.
std::vector<std::size_t> find_rows(const Ids& from, const Ids& ids, const std::filesystem::path& file) {
  std::vector<std::size_t> rows;
  rows.reserve(ids.size());
  auto at = from.begin();
  for (const auto id : ids) {
    at = std::lower_bound(at, from.end(), id);
    if (at == from.end() || *at != id) {
      throw store::DamagedFile(
          fmt::format("{}: record {} is missing; delete the file and run again", file.string(), id));
    }
    rows.push_back(static_cast<std::size_t>(at - from.begin()));
  }
  return rows;
}

template <typename T>
std::vector<T> pick(const std::vector<T>& values, std::size_t width, const std::vector<std::size_t>& rows) {
  const auto per_row = std::max<std::size_t>(width, 1);
  std::vector<T> picked;
  picked.reserve(rows.size() * per_row);
  for (const auto row : rows) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * per_row);
    picked.insert(picked.end(), begin, begin + static_cast<std::ptrdiff_t>(per_row));
  }
  return picked;
}

store::Strings pick(const store::Strings& texts, std::size_t, const std::vector<std::size_t>& rows) {
  store::Strings picked;
  for (const auto row : rows) picked.push_back(texts[row]);
  return picked;
}

store::Column pick_rows(store::Column column, const std::vector<std::size_t>& rows) {
  if (rows.size() == column.rows()) return column;
  column.values =
      std::visit([&](const auto& values) { return store::Values(pick(values, column.width, rows)); }, column.values);
  return column;
}

/// The names of the sources to which rows of the column `file` belong.
store::Strings names_of(const store::ShardFile& shard, const store::Column& files) {
  const ListedFiles list(shard);
  store::Strings names;
  for (const auto file : files.as<std::vector<std::uint32_t>>()) names.push_back(list.at(file).source);
  return names;
}

class ShardOnDisk final : public Shard {
 public:
  ShardOnDisk(const Data& data, const PlannedJob& job, Population population, std::size_t shard)
      : data_(data), job_(job), population_(population), shard_(shard) {
    const auto& file = open(ids_stage(job, population));
    // Where a job removed records, the ids that went on.
    ids_ = file.read(file.has("kept") ? "kept" : "id").as<Ids>();
  }

  Population population() const override { return population_; }
  std::span<const std::uint64_t> ids() const override { return ids_; }

  const store::Column& column(const std::string& name) const override { return load(stage_of(name), name); }

  ColumnPlace place_of(const std::string& name) const override {
    const auto stage = stage_of(name);
    ColumnPlace place{file_of(stage), open(stage).offset_of(name), {}};
    for (const auto row : rows_of(stage)) place.rows.push_back(static_cast<std::uint32_t>(row));
    return place;
  }

  const store::Strings& records() const override {
    const auto& read = load(ingest_stage, "record").as<store::Strings>();
    if (!records_) records_ = rewritten(read);
    return records_->size() == 0 ? read : *records_;
  }

  std::span<const std::uint32_t> sources() const override {
    return load(ingest_stage, "source_index").as<std::vector<std::uint32_t>>();
  }

  store::Strings source_names() const override { return names_of(open(ingest_stage), load(ingest_stage, "file")); }

  std::span<const std::uint64_t> lines() const override {
    return load(ingest_stage, "line").as<std::vector<std::uint64_t>>();
  }

  store::Strings texts(corpus::TextView which) const override {
    store::Strings texts;
    texts.bytes.reserve(records().bytes.size());
    for_each_record([&](std::size_t, const corpus::Record& record) {
      corpus::append_view(record, which, texts.bytes);
      texts.offsets.push_back(texts.bytes.size());
    });
    return texts;
  }

  void for_each_record(const std::function<void(std::size_t row, const corpus::Record&)>& visit) const override {
    std::vector<std::size_t> rows(records().size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    for_records(rows, visit);
  }

  void for_records(std::span<const std::size_t> rows,
                   const std::function<void(std::size_t row, const corpus::Record&)>& visit) const override {
    const auto& json = records();
    const auto source = sources();
    const auto& specs = data_.specs[static_cast<std::size_t>(population_)];
    corpus::RecordParser parser;
    for (const auto i : rows) {
      const auto& spec = specs.at(source[i]);
      if (!spec.as.empty()) {
        visit(i, {});
        continue;
      }
      // Behind a text lie those of the next ones.
      const auto record = parser.parse(json[i], spec.fields, json.bytes.size() - json.offsets[i]);
      if (const auto* fault = std::get_if<corpus::Fault>(&record)) {
        throw store::DamagedFile(fmt::format("{}: record {} cannot be read ({}); delete the file and run again",
                                             file_of(ingest_stage).string(), ids_[i], corpus::fault_name(*fault)));
      }
      visit(i, std::get<corpus::Record>(record));
    }
  }

 private:
  /// The records as the jobs before have left them; nothing when they have changed none.
  store::Strings rewritten(const store::Strings& records) const {
    std::vector<std::string_view> latest(ids_.size());
    std::vector<store::Strings> texts;  // of one stage each
    const auto stages = rewriting_stages(job_, data_, population_);
    texts.reserve(stages.size());  // what `latest` looks at stays where it is
    std::size_t changed = 0;
    for (const auto stage : stages) {
      const auto& file = open(stage);
      const auto ids = file.read("rewritten/id").as<Ids>();
      texts.push_back(file.read("rewritten/record").as<store::Strings>());
      auto at = ids_.begin();
      for (std::size_t row = 0; row < ids.size(); ++row) {
        at = std::lower_bound(at, ids_.end(), ids[row]);
        if (at == ids_.end()) break;
        if (*at != ids[row]) continue;
        latest[static_cast<std::size_t>(at - ids_.begin())] = texts.back()[row];
        ++changed;
      }
    }
    store::Strings all;
    if (changed == 0) return all;
    all.bytes.reserve(records.bytes.size());
    for (std::size_t i = 0; i < ids_.size(); ++i) all.push_back(latest[i].empty() ? records[i] : latest[i]);
    return all;
  }

  std::size_t stage_of(const std::string& column) const {
    const auto& stages = job_.column_from[static_cast<std::size_t>(population_)];
    const auto stage = stages.find(column);
    if (stage != stages.end()) return stage->second;
    throw Error(
        fmt::format("the column '{}' does not exist for the {}", column,
                    population_ == Population::pool ? "pool" : fmt::format("{} records", name_of(population_))));
  }

  std::filesystem::path file_of(std::size_t stage) const {
    return data_.stages.at(stage).folder / data_.set(population_).shard_name(shard_);
  }
  /// A file is opened once, as that reads what all of its columns are, a few dozen small reads.
  const store::ShardFile& open(std::size_t stage) const {
    assert(std::this_thread::get_id() == thread_);
    const auto known = files_.find(stage);
    if (known != files_.end()) return known->second;
    return files_.emplace(stage, open_shard_file(data_.stages.at(stage), data_.set(population_), shard_)).first->second;
  }

  /// Where this shard's ids stand in a stage's file.
  const std::vector<std::size_t>& rows_of(std::size_t stage) const {
    const auto known = rows_.find(stage);
    if (known != rows_.end()) return known->second;
    const auto file_ids = open(stage).read("id").as<Ids>();
    return rows_.emplace(stage, find_rows(file_ids, ids_, file_of(stage))).first->second;
  }

  /// Reads a column once and brings it to this shard's ids.
  const store::Column& load(std::size_t stage, const std::string& name) const {
    assert(std::this_thread::get_id() == thread_);
    const auto known = loaded_.find(name);
    if (known != loaded_.end()) return known->second;
    return loaded_.emplace(name, pick_rows(open(stage).read(name), rows_of(stage))).first->second;
  }

  const Data& data_;
  const PlannedJob& job_;
  Population population_;
  std::size_t shard_;
  std::thread::id thread_ = std::this_thread::get_id();  ///< the only one that may call
  Ids ids_;
  mutable std::map<std::size_t, store::ShardFile> files_;  ///< of stages
  mutable std::map<std::size_t, std::vector<std::size_t>> rows_;
  mutable std::map<std::string, store::Column> loaded_;
  mutable std::optional<store::Strings> records_;  ///< empty: those of the ingest
};

}  // namespace

Hash128 Data::pool_hash() const {
  Hasher hasher;
  for (const auto& key : stages.at(ingest_stage).keys[0]) hasher.add(key);
  return hasher.digest();
}

std::size_t ids_stage(const PlannedJob& job, Population population) {
  return population == Population::pool ? job.ids_from : ingest_stage;
}

std::vector<std::size_t> rewriting_stages(const PlannedJob& job, const Data& data, Population population) {
  std::vector<std::size_t> stages;
  for (const auto stage : job.rewritten_by) {
    if (!data.stages.at(stage).keys[index_of(population)].empty()) stages.push_back(stage);
  }
  return stages;
}

std::unique_ptr<Shard> open_shard(const Data& data, const PlannedJob& job, Population population, std::size_t shard) {
  return std::make_unique<ShardOnDisk>(data, job, population, shard);
}

store::Strings source_names(const store::ShardFile& ingest) {
  return names_of(ingest, ingest.read("file"));
}

store::ShardFile open_shard_file(const std::filesystem::path& path) {
  store::ShardFile file(path);
  std::map<std::string, store::ColumnInfo> first_of;  // by the kind of rows
  for (const auto& column : file.columns()) {
    // The records that go on, and the list of files, are by themselves.
    if (column.name == "kept" || column.name == "files") continue;
    const auto kind = column.name.substr(0, column.name.find('/') + 1);
    const auto& first = first_of.try_emplace(kind, column).first->second;
    if (column.rows == first.rows) continue;
    throw store::DamagedFile(fmt::format("{}: column '{}' has {} rows, and '{}' has {}; delete the file and run again",
                                         path.string(), column.name, column.rows, first.name, first.rows));
  }
  return file;
}

store::ShardFile open_shard_file(const StageData& stage, const RecordSet& set, std::size_t shard) {
  const auto path = stage.folder / set.shard_name(shard);
  const auto refuse = [&](std::string_view reason) -> UsageError {
    return UsageError(fmt::format("{}: {}; run the same command again", path.string(), reason));
  };
  const auto& keys = stage.keys[static_cast<std::size_t>(set.population)];
  if (shard >= keys.size()) throw refuse("its stage is not finished");
  if (!std::filesystem::exists(path)) throw refuse("the file is missing");
  auto file = open_shard_file(path);
  const auto key = file.attributes().find("key");
  if (key == file.attributes().end() || key->second != keys[shard].hex()) {
    throw refuse("the file is not the one that the run made");
  }
  return file;
}

}  // namespace farpoint::pipeline
