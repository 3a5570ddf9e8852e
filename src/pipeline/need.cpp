// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/need.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::size_t assumed_width = 384;
/// Jobs that read texts without a model treat about as many bytes a second on one core.
constexpr double usual_text_rate = 60e6;
constexpr double usual_record_rate = 2e6;

bool is_written_of(Population population, const ColumnSpec& column) {
  if (population == Population::pool) return column.in_pool;
  return population == Population::curated ? column.in_curated : column.in_labelled;
}

/// What a shard job, or one with columns, writes: ids and columns, of which those of a shard of the pool are in memory.
void add_written(Need& need, const std::vector<ColumnSpec>& columns, const Workload& work) {
  constexpr std::uint64_t id_bytes = 8;
  for (const auto population : populations) {
    const bool is_pool = population == Population::pool;
    std::uint64_t row = is_pool || !columns.empty() ? id_bytes : 0;
    for (const auto& column : columns) {
      if (is_written_of(population, column)) row += row_bytes(column, work);
    }
    if (is_pool || row > id_bytes) need.disk += work.records[index_of(population)] * row;
    if (is_pool) need.memory = work.in_shard() * row;
  }
}

}  // namespace

std::uint64_t Workload::records_of_rank(Population population) const {
  const auto all = records[index_of(population)];
  const auto shards = (all + shard_records - 1) / shard_records;
  const auto of_rank = (shards + static_cast<std::uint64_t>(ranks) - 1) / static_cast<std::uint64_t>(ranks);
  return std::min(all, of_rank * shard_records);
}

double Workload::record_bytes() const {
  const auto p = index_of(Population::pool);
  return records[p] == 0 ? 0 : static_cast<double>(bytes[p]) / static_cast<double>(records[p]);
}

std::vector<std::string> Workload::texts(corpus::TextView view) const {
  std::vector<std::string> texts;
  for (const auto& record : sample) texts.push_back(corpus::view(record, view));
  return texts;
}

std::uint64_t row_bytes(const ColumnSpec& column, const Workload& work) {
  if (column.kind != ColumnSpec::Kind::vector) return 8;
  const auto width = work.widths.find(column.name);
  return sizeof(float) * (width == work.widths.end() ? assumed_width : width->second);
}

Need usual_need(const Job& job, const Workload& work) {
  Need need;
  const auto columns = job.writes();
  if (!columns.empty() || dynamic_cast<const ShardJob*>(&job) != nullptr) add_written(need, columns, work);
  if (job.reads_text()) {
    need.read = work.bytes[index_of(Population::pool)];
    need.core_seconds = static_cast<double>(need.read) / usual_text_rate;
    // The shard's texts beside its records, and what is made of them.
    need.memory += 2 * work.shard_bytes();
  }
  for (const auto& name : job.reads()) {
    const auto width = work.widths.find(name);
    const auto row = width == work.widths.end() ? 8 : width->second * sizeof(float);
    need.read += work.pool() * row;
    need.memory += work.in_shard() * row;
  }
  need.core_seconds += static_cast<double>(work.pool()) / usual_record_rate;
  return need;
}

Need need_of(const Job& job, const Workload& work) {
  const auto* knowing = dynamic_cast<const KnowsItsNeed*>(&job);
  return knowing == nullptr ? usual_need(job, work) : knowing->estimate(work);
}

}  // namespace farpoint::pipeline
