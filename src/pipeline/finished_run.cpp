// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

namespace {

/// Columns that every record has from the ingest, beside those of the plan.
constexpr std::array<std::string_view, 3> ingest_columns{"source", "line", "source_index"};

bool is_ingest_column(const std::string& name) {
  return std::find(ingest_columns.begin(), ingest_columns.end(), name) != ingest_columns.end();
}

/// For each id its row in `from`; both ascend.
std::vector<std::optional<std::size_t>> find_rows(const std::vector<std::uint64_t>& from,
                                                  const std::vector<std::uint64_t>& ids) {
  std::vector<std::optional<std::size_t>> rows;
  for (const auto id : ids) {
    const auto found = std::lower_bound(from.begin(), from.end(), id);
    rows.emplace_back();
    if (found != from.end() && *found == id) rows.back() = static_cast<std::size_t>(found - from.begin());
  }
  return rows;
}

/// The columns in the finished stages of a pipeline that is not planned yet.
std::vector<ColumnSpec> columns_on_disk(const RunFolder& folder, const Config& config) {
  std::vector<ColumnSpec> columns;
  std::size_t stage = ingest_stage;
  for (const auto& group : config.pipeline) {
    for (const auto& entry : group) {
      PlannedJob planned;
      planned.stage = ++stage;
      planned.name = entry.job;
      const auto* as = entry.options.find("as");
      const auto path = folder.stage(planned.folder() + (as == nullptr ? "" : "-" + as->text));
      const auto first = path / RecordSet().shard_name(0);
      if (!recorded_shards(path) || !std::filesystem::exists(first)) continue;
      for (const auto& column : store::ShardFile(first).columns()) {
        columns.push_back({column.name, column.width == 0 ? ColumnSpec::Kind::scalar : ColumnSpec::Kind::vector});
      }
    }
  }
  return columns;
}

/// Makes the plan without the files that its jobs have read.
Plan plan_for_reading(const RunFolder& folder, const Config& config, const JobTypes& types) {
  const auto columns = columns_on_disk(folder, config);
  auto reading = types;
  for (auto& type : reading) {
    type.make = [&columns, make = type.make](const Node& options, const JobSetup& setup) {
      auto finished = setup;
      finished.finished = &columns;
      return make(options, finished);
    };
  }
  return make_plan(config, reading);
}

}  // namespace

FinishedRun::FinishedRun(const std::filesystem::path& folder, const JobTypes& types) : folder_{folder} {
  if (!std::filesystem::exists(folder_.config())) {
    throw UsageError(fmt::format("{}: this is not the folder of a run: it has no config.yaml", folder.string()));
  }
  const auto yaml = read_file(folder_.config());
  config_ = read_config(parse_yaml(yaml, folder_.config().string()), folder);
  plan_ = plan_for_reading(folder_, config_, types);
  add_stage("00-ingest");
  for (const auto& group : plan_.groups) {
    for (const auto& planned : group) add_stage(planned.folder());
  }
  const auto shards = data_.stages[ingest_stage].keys[0].size();
  if (shards == 0) {
    throw UsageError(
        fmt::format("{}: the run has not finished reading its corpus; run the same command again", folder.string()));
  }
  // The number of records is not needed here, only that of the shards.
  data_.sets[0].shard_records = config_.corpus.shard_records;
  data_.sets[0].first_id = {0, shards * config_.corpus.shard_records};
  data_.specs = {config_.corpus.pool, config_.corpus.curated, config_.corpus.labelled};
}

void FinishedRun::add_stage(const std::string& name) {
  const auto path = folder_.stage(name);
  data_.stages.push_back({path, recorded_shards(path).value_or(ShardKeys()), {}});
}

bool FinishedRun::selects() const {
  return select_stage().has_value();
}

bool FinishedRun::has_subset() const {
  const auto stage = select_stage();
  if (!stage) return false;
  const auto record = store::intact_shard(record_of_stage(data_.stages[*stage].folder));
  return record && is_output_of(*record, folder_, folder_.subset().filename());
}

std::optional<std::size_t> FinishedRun::select_stage() const {
  for (const auto& group : plan_.groups) {
    for (const auto& planned : group) {
      const auto* job = planned.collective_job();
      if (job != nullptr && job->makes_subset()) return planned.stage;
    }
  }
  return std::nullopt;
}

void FinishedRun::for_each_shard(const std::function<void(const Shard&)>& visit) const {
  for (std::size_t shard = 0; shard < shards(); ++shard) visit(*open_shard(data_, plan_.end, Population::pool, shard));
}

std::size_t FinishedRun::stage_of(const std::string& column) const {
  if (is_ingest_column(column)) return ingest_stage;
  const auto& known = plan_.end.column_from[0];
  const auto found = known.find(column);
  if (found != known.end()) return found->second;
  std::vector<std::string> names(ingest_columns.begin(), ingest_columns.end());
  for (const auto& [name, stage] : known) names.push_back(name);
  throw UsageError(fmt::format("the run has no column '{}'{}", column, suggestion(column, names)));
}

std::string FinishedRun::column_hash(const std::string& column) const {
  Hasher hasher;
  for (const auto& key : data_.stages[stage_of(column)].keys[0]) hasher.add(key);
  return hasher.digest().hex();
}

FinishedRun::Rows FinishedRun::rows(std::size_t shard, const std::vector<std::string>& columns) const {
  using Ids = std::vector<std::uint64_t>;
  const auto ingest = open_shard_file(data_.stages[ingest_stage], data_.sets[0], shard);
  Rows rows;
  rows.ids = ingest.read("id").as<Ids>();
  for (const auto& column : columns) {
    const auto file = open_shard_file(data_.stages[stage_of(column)], data_.sets[0], shard);
    rows.columns.push_back(column == "source" ? store::Column{column, source_names(file)} : file.read(column));
    rows.at.push_back(find_rows(file.read("id").as<Ids>(), rows.ids));
  }
  return rows;
}

}  // namespace farpoint::pipeline
