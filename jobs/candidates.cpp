// SPDX-License-Identifier: Apache-2.0
#include "candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Beside each vector its id.
constexpr std::uint64_t bytes_beside_vector = 8;
/// Of each chosen record on every rank: its id, and its place in the table that write_subset() finds it by.
constexpr std::uint64_t bytes_of_pick = 64;

struct Size {
  std::uint64_t records = 0;  ///< of this rank
  std::uint64_t width = 0;    ///< the same on all
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

std::uint64_t bytes_of(const Size& size) {
  return size.records * (size.width * sizeof(float) + bytes_beside_vector);
}

/// Everything until the subset is written, before anything is loaded.
void check_memory(JobContext& context, const Size& size, const std::string& column, const CandidateRules& rules) {
  const auto total = comm::all_reduce(context.comm(), size.records, comm::Reduction::sum);
  const auto picks = std::min(total, record_budget(rules, total).value_or(0));
  Size curated;
  if (rules.from_curated) curated = measure(context, Population::curated, column);
  const auto all_curated = comm::all_reduce(context.comm(), curated.records, comm::Reduction::sum);
  auto mine = bytes_of(size) + bytes_of(curated) + picks * bytes_of_pick;
  if (rules.k_center) mine += select::k_center_memory(size.records, size.width, picks, all_curated, rules.pool_size);
  const auto node = context.comm().split_by_node();
  const auto needed = comm::all_reduce(*node, mine, comm::Reduction::sum);
  const auto on_node = comm::all_reduce(*node, size.records, comm::Reduction::sum);
  const auto available = comm::all_reduce(*node, available_memory(), comm::Reduction::min);
  comm::agree(context.comm(), [&] {
    if (needed <= available) return;
    throw Error(fmt::format(
        "select: {} rank{} of {} need {} for {} of the {} {}-dimensional candidates and, on each rank, {} "
        "centres, and {} are free; use more nodes, fewer ranks a node, or remove records before",
        node->size(), node->size() == 1 ? "" : "s", host_name(), format_amount(static_cast<double>(needed), "bytes"),
        format_count(on_node), format_count(total), size.width, format_count(picks + all_curated),
        format_amount(static_cast<double>(available), "bytes")));
  });
}

bool make_place(std::span<float> row, const CandidateRules& rules) {
  const bool scale = rules.k_center && rules.metric == select::Metric::cosine && !rules.unit_length;
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
                          : std::string("it has no records (rejects.jsonl lists those that are faulty)");
  throw comm::AgreedError(
      fmt::format("select: 'curated: start' has nothing to start from: {}; mend corpus.curated, or leave out the key "
                  "'curated'",
                  reason));
}

/// `fraction` of `count`, rounded down. 0.29 * 100 is 28.999999999999996 in binary: what is as near to a whole number
/// as the two roundings (of the fraction and of the product) can bring it counts as that number.
std::uint64_t share_of(double fraction, std::uint64_t count) {
  const double share = fraction * static_cast<double>(count);
  const double nearest = std::round(share);
  const bool whole = std::abs(share - nearest) <= share * 2 * std::numeric_limits<double>::epsilon();
  return static_cast<std::uint64_t>(whole ? nearest : std::floor(share));
}

}  // namespace

std::optional<std::uint64_t> record_budget(const CandidateRules& rules, std::uint64_t candidates) {
  if (!rules.fraction) return rules.records;
  return std::max<std::uint64_t>(1, share_of(*rules.fraction, candidates));
}

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
  // The curated vectors are counted with the pool's.
  if (population == Population::pool) check_memory(context, size, column, rules);
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
