// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

namespace {

/// Columns that every record has from the ingest, beside those of the plan.
bool is_ingest_column(const std::string& name) {
  return name == "line" || name == "source_index";
}

std::size_t count_shards(const std::filesystem::path& folder) {
  RecordSet names;
  std::size_t count = 0;
  while (std::filesystem::exists(folder / names.shard_name(count))) ++count;
  return count;
}

}  // namespace

FinishedRun::FinishedRun(const std::filesystem::path& folder, const JobTypes& types) : folder_{folder} {
  if (!std::filesystem::exists(folder_.config())) {
    throw UsageError(fmt::format("{}: this is not the folder of a run: it has no config.yaml", folder.string()));
  }
  const auto yaml = read_file(folder_.config());
  config_ = read_config(parse_yaml(yaml, folder_.config().string()), folder);
  plan_ = make_plan(config_, types);
  data_.stages.push_back({folder_.stage("00-ingest"), {}, {}});
  for (const auto& group : plan_.groups) {
    for (const auto& planned : group) data_.stages.push_back({folder_.stage(planned.folder()), {}, {}});
  }
  const auto shards = count_shards(data_.stages[ingest_stage].folder);
  if (shards == 0) throw UsageError(fmt::format("{}: the run has not read its corpus yet", folder.string()));
  // The number of records is not needed here, only that of the shards.
  data_.sets[0].shard_records = config_.corpus.shard_records;
  data_.sets[0].first_id = {0, shards * config_.corpus.shard_records};
  data_.specs = {config_.corpus.pool, config_.corpus.curated};
}

bool FinishedRun::has_subset() const {
  return std::filesystem::exists(folder_.subset());
}

void FinishedRun::for_each_shard(const std::function<void(const Shard&)>& visit) const {
  for (std::size_t shard = 0; shard < shards(); ++shard) visit(*open_shard(data_, plan_.end, Population::pool, shard));
}

FinishedRun::Rows FinishedRun::rows(std::size_t shard, const std::vector<std::string>& columns) const {
  const auto name = data_.sets[0].shard_name(shard);
  using Ids = std::vector<std::uint64_t>;
  const store::ShardFile ingest(data_.stages[ingest_stage].folder / name);
  Rows rows;
  rows.ids = ingest.read("id").as<Ids>();
  for (const auto& column : columns) {
    auto stage = ingest_stage;
    if (!is_ingest_column(column)) {
      const auto known = plan_.end.column_from[0].find(column);
      if (known == plan_.end.column_from[0].end()) {
        std::vector<std::string> names{"source", "line"};
        for (const auto& [other, number] : plan_.end.column_from[0]) names.push_back(other);
        throw UsageError(fmt::format("the run has no column '{}'{}", column, suggestion(column, names)));
      }
      stage = known->second;
    }
    const auto path = data_.stages[stage].folder / name;
    if (!std::filesystem::exists(path)) {
      throw UsageError(fmt::format("the column '{}' is not finished: {} is missing", column, path.string()));
    }
    const store::ShardFile file(path);
    rows.columns.push_back(file.read(column));
    const auto ids = file.read("id").as<Ids>();
    auto& at = rows.at.emplace_back();
    for (const auto id : rows.ids) {
      const auto found = std::lower_bound(ids.begin(), ids.end(), id);
      if (found == ids.end() || *found != id)
        at.emplace_back();
      else
        at.emplace_back(static_cast<std::size_t>(found - ids.begin()));
    }
  }
  return rows;
}

}  // namespace farpoint::pipeline
