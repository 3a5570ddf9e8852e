// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "listed_files.hpp"

namespace farpoint::pipeline {

namespace {

using Numbers = std::vector<std::uint64_t>;
using Step = RecordHistory::Step;

std::optional<std::size_t> row_of(const store::ShardFile& file, const std::string& column, std::uint64_t id) {
  if (!file.has(column)) return std::nullopt;
  const auto ids = file.read(column).as<Numbers>();
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) return std::nullopt;
  return static_cast<std::size_t>(at - ids.begin());
}

std::string text_at(const store::ShardFile& file, const std::string& column, std::size_t row) {
  return std::string(file.read(column).as<store::Strings>()[row]);
}

/// Where it came from; `list` is "rejects/" for what the ingest refused.
void read_origin(const store::ShardFile& ingest, const std::string& list, std::size_t row, RecordHistory& history) {
  const ListedFiles files(ingest);
  const auto& file = files.at(ingest.read(list + "file").as<std::vector<std::uint32_t>>()[row]);
  history.source = file.source;
  history.file = file.path;
  history.line = ingest.read(list + "line").as<Numbers>()[row];
}

void read_trace(const store::ShardFile& file, std::uint64_t id, Step& step) {
  if (!file.has("trace/id")) return;
  const auto ids = file.read("trace/id").as<Numbers>();
  const auto rules = file.read("trace/rule").as<store::Strings>();
  const auto details = file.read("trace/detail").as<store::Strings>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == id) step.trace.emplace_back(rules[i], details[i]);
  }
}

/// Numbers alone: rows of vectors say nothing to people.
void read_values(const store::ShardFile& file, const Job& job, std::size_t row, Step& step) {
  for (const auto& column : job.writes()) {
    if (column.kind == ColumnSpec::Kind::vector || !file.has(column.name)) continue;
    const auto stored = file.read(column.name);
    if (column.kind == ColumnSpec::Kind::id) {
      step.values.emplace_back(column.name, fmt::format("{}", stored.as<Numbers>()[row]));
    } else {
      step.values.emplace_back(column.name, fmt::format("{:.6g}", stored.as<std::vector<double>>()[row]));
    }
  }
}

}  // namespace

RecordHistory FinishedRun::history(std::uint64_t id) const {
  const auto shard = static_cast<std::size_t>(id / config_.corpus.shard_records);
  RecordHistory history;
  history.id = id;
  const auto unknown = [&] {
    return UsageError(fmt::format("{}: the pool has no record {}", folder_.path.string(), id));
  };
  if (shard >= shards()) throw unknown();
  const auto ingest = open_shard_file(data_.stages[ingest_stage], data_.sets[0], shard);
  if (const auto row = row_of(ingest, "id", id)) {
    read_origin(ingest, "", *row, history);
    history.record = text_at(ingest, "record", *row);
  } else if (const auto refused = row_of(ingest, "rejects/id", id)) {
    read_origin(ingest, "rejects/", *refused, history);
    history.steps.push_back({"00-ingest", {{text_at(ingest, "rejects/reason", *refused), ""}}, std::nullopt, {}, true});
    return history;
  } else {
    throw unknown();
  }
  for (const auto& group : plan_.groups) {
    for (const auto& planned : group) {
      const auto& stage = data_.stages[planned.stage];
      // Collective jobs have no shards, and what has not run yet has none either.
      if (planned.shard_job() == nullptr || stage.keys[0].empty()) continue;
      const auto file = open_shard_file(stage, data_.sets[0], shard);
      const auto row = row_of(file, "id", id);
      if (!row) return history;
      auto& step = history.steps.emplace_back();
      step.stage = planned.folder();
      read_trace(file, id, step);
      read_values(file, *planned.job, *row, step);
      if (const auto changed = row_of(file, "rewritten/id", id)) {
        step.rewritten = text_at(file, "rewritten/record", *changed);
      }
      step.left = file.has("kept") && !row_of(file, "kept", id);
      if (step.left) return history;
    }
  }
  return history;
}

}  // namespace farpoint::pipeline
