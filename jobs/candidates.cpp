// SPDX-License-Identifier: Apache-2.0
#include "candidates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Beside each vector: its id, its bound, its exact distance and the number of centres in it.
constexpr std::uint64_t bytes_beside_vector = 40;

struct Size {
  std::uint64_t records = 0;
  std::uint64_t width = 0;
};

/// How much this rank would load, found without keeping it.
Size measure(JobContext& context, Population population, const std::string& column) {
  Size size;
  context.for_each_shard(population, [&](const Shard& shard) {
    size.records += shard.ids().size();
    if (size.width == 0) size.width = shard.column(column).width;
  });
  size.width = comm::all_reduce(context.comm(), size.width, comm::Reduction::max);
  return size;
}

void check_memory(JobContext& context, const Size& size) {
  const auto node = context.comm().split_by_node();
  const auto mine = size.records * (size.width * sizeof(float) + bytes_beside_vector);
  const auto needed = comm::all_reduce(*node, mine, comm::Reduction::sum);
  const auto available = comm::all_reduce(*node, available_memory(), comm::Reduction::min);
  comm::agree(context.comm(), [&] {
    if (needed <= available) return;
    throw Error(
        fmt::format("select: {} ranks of {} need {} for {}-dimensional vectors, and {} are free; use more nodes, or "
                    "remove records before",
                    node->size(), host_name(), format_amount(static_cast<double>(needed), "bytes"), size.width,
                    format_amount(static_cast<double>(available), "bytes")));
  });
}

bool make_place(std::span<float> row, const CandidateRules& rules) {
  const bool scale = rules.normalize && rules.metric == select::Metric::cosine && !rules.unit_length;
  return scale ? select::normalize(row) : select::is_finite(row);
}

void add_shard(const Shard& shard, const std::string& name, const CandidateRules& rules, Candidates& candidates,
               std::vector<Reject>& rejects) {
  const auto ids = shard.ids();
  const auto& column = shard.column(name);
  if (column.width != candidates.width && !ids.empty()) {
    throw Error(fmt::format("select: the vectors of the column '{}' have {} numbers in one shard and {} in another",
                            name, column.width, candidates.width));
  }
  const auto& values = column.as<std::vector<float>>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto at = candidates.rows.size();
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * column.width);
    candidates.rows.insert(candidates.rows.end(), begin, begin + static_cast<std::ptrdiff_t>(column.width));
    if (make_place(std::span(candidates.rows).subspan(at), rules)) {
      candidates.ids.push_back(ids[i]);
    } else {
      candidates.rows.resize(at);
      rejects.push_back({ids[i], "no_direction"});
    }
  }
}

/// Without curated vectors the greedy would start at the lowest id, which is not what was asked for.
void check_start(JobContext& context, const Candidates& curated) {
  const auto total = comm::all_reduce(context.comm(), std::uint64_t{curated.ids.size()}, comm::Reduction::sum);
  if (total > 0) return;
  const auto reason = curated.rejected > 0
                          ? fmt::format("none of the {} vectors has a direction", format_count(curated.rejected))
                          : std::string("the ingest left none of its records (rejects.jsonl says why)");
  throw comm::AgreedError(
      fmt::format("select: 'curated: start' has nothing to start from: {}; mend corpus.curated, or leave out the key "
                  "'curated'",
                  reason));
}

}  // namespace

Candidates load_candidates(JobContext& context, Population population, const std::string& column,
                           const CandidateRules& rules) {
  Candidates candidates;
  if (column.empty()) {
    context.for_each_shard(population, [&](const Shard& shard) {
      candidates.ids.insert(candidates.ids.end(), shard.ids().begin(), shard.ids().end());
    });
    return candidates;
  }
  const auto size = measure(context, population, column);
  check_memory(context, size);
  candidates.width = size.width;
  candidates.ids.reserve(size.records);
  candidates.rows.reserve(size.records * size.width);
  std::vector<Reject> rejects;
  context.for_each_shard(population, [&](const Shard& shard) { add_shard(shard, column, rules, candidates, rejects); });
  candidates.rejected = comm::all_reduce(context.comm(), std::uint64_t{rejects.size()}, comm::Reduction::sum);
  if (population == Population::pool) context.reject(rejects);
  if (population == Population::curated) check_start(context, candidates);
  return candidates;
}

}  // namespace farpoint::jobs
