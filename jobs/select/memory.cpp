// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "candidates.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/select/k_center.hpp"
#include "farpoint/select/k_means.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Beside each vector its id, source, value, tokens, label, nearest chosen record and the distance to it.
constexpr std::uint64_t bytes_beside_vector = 48;
/// A vector that is left in its file has its number there.
constexpr std::uint64_t bytes_of_place = 4;
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
    if (size.width == 0 && !column.empty()) size.width = shard.column(column).width;
  });
  size.width = comm::all_reduce(context.comm(), size.width, comm::Reduction::max);
  return size;
}

std::uint64_t bytes_of_number(select::Storage storage) {
  return storage == select::Storage::float32 ? 4 : 2;
}

/// What a method needs on this rank beside what all need: its graph, its sample, the part at hand.
std::uint64_t bytes_of_method(const SelectOptions& options, const Size& size, std::uint64_t total, std::uint64_t picks,
                              std::uint64_t ranks, bool is_first_rank) {
  constexpr std::uint64_t bytes_of_neighbour = 16;
  constexpr std::uint64_t bytes_of_edge = 48;  // while the graph is sorted
  const std::uint64_t sample_of_cluster = select::KMeansOptions().sample_per_cluster;
  const std::uint64_t vector = size.width * sizeof(float);
  if (options.method == Method::facility_location) {
    return size.records * options.neighbors * (bytes_of_neighbour + bytes_of_edge);
  }
  if (options.outlier_fraction) return size.records * options.neighbors * bytes_of_neighbour;
  if (options.method == Method::k_means && is_first_rank) {
    return 2 * vector * std::min(total, options.clusters.value_or(picks) * sample_of_cluster);
  }
  if (options.parts) return 2 * vector * (total / *options.parts) + 2 * vector * *options.parts * picks / ranks;
  return 0;
}

}  // namespace

RankMemory rank_memory(const SelectOptions& options, const RankRows& rows, std::uint64_t picks, int ranks,
                       bool is_first_rank) {
  const Size size{rows.records, rows.width};
  return {size.records * size.width * bytes_of_number(options.storage),
          size.records * (bytes_beside_vector + bytes_of_place) + picks * bytes_of_pick +
              select::k_center_memory(size.records, size.width, picks, rows.curated, options.pool_size) +
              bytes_of_method(options, size, rows.total, picks, static_cast<std::uint64_t>(ranks), is_first_rank)};
}

Need selection_need(const SelectOptions& options, const Workload& work) {
  const auto column = work.widths.find(options.vectors);
  const std::uint64_t width = options.vectors.empty() ? 0 : column == work.widths.end() ? 384 : column->second;
  const auto total = work.pool();
  const auto records = work.records_of_rank();
  auto picks = options.budget.radius || options.ends_by_itself() ? total / 10 : total / 100;
  picks = std::min(total, record_budget(options.budget, total).value_or(picks));
  std::uint64_t curated = 0;
  if (options.curated == CuratedUse::start || options.method == Method::target) {
    curated = work.records[index_of(Population::curated)];
  }
  Need need;
  if (width == 0) {
    need.memory = records * (bytes_beside_vector + sizeof(double)) + picks * bytes_of_pick;
  } else {
    const bool greedy = options.method == Method::k_center;
    auto [vectors, others] = rank_memory(options, {records, width, total, curated}, picks, work.ranks, true);
    if (options.memory_limit) vectors = std::min(vectors, options.memory_limit->count);
    // The column of the shard in hand, as it is stored and as it is normalised.
    need.memory = vectors + others + 2 * work.in_shard() * width * sizeof(float);
    need.read = total * width * sizeof(float);
    // Bounds spare k-center most products (docs/k-center.md); every method's records meet all chosen ones once, for the
    // assignment and the coverage, and each of these passes is done twice in all.
    const double products = static_cast<double>(total) * static_cast<double>(picks + curated);
    need.flops = 2 * products * static_cast<double>(width) * (greedy ? 1 : 2);
    need.sent = picks * width * sizeof(float);
  }
  need.disk = picks * 64 + (options.assignment ? total * 24 : 0);
  need.core_seconds = static_cast<double>(total) * 1e-6 * (1 + static_cast<double>(width) / 100);
  return need;
}

MemoryPlan plan_memory(JobContext& context, const SelectOptions& options) {
  const auto size = measure(context, Population::pool, options.vectors);
  MemoryPlan plan{size.records, size.width, std::numeric_limits<std::uint64_t>::max()};
  if (options.vectors.empty()) return plan;
  auto& comm = context.comm();
  const auto total = comm::all_reduce(comm, size.records, comm::Reduction::sum);
  const auto picks = std::min(total, record_budget(options.budget, total).value_or(0));
  std::uint64_t curated = 0;
  if (options.curated == CuratedUse::start || options.method == Method::target) {
    curated = measure(context, Population::curated, options.vectors).records;
  }
  curated = comm::all_reduce(comm, curated, comm::Reduction::sum);

  // What the vectors can be left out of, and what they cannot.
  const auto [vectors, others] =
      rank_memory(options, {size.records, size.width, total, curated}, picks, comm.size(), comm.rank() == 0);
  const auto node = comm.split_by_node();
  const auto needed = comm::all_reduce(*node, others, comm::Reduction::sum);
  const auto wanted = comm::all_reduce(*node, vectors, comm::Reduction::sum);
  const auto available = comm::all_reduce(*node, available_memory(), comm::Reduction::min);
  comm::agree(comm, [&] {
    if (needed <= available) return;
    throw Error(fmt::format(
        "select: {} rank{} of {} need {} beside the vectors, for {} candidates and, on each rank, {} centres of {} "
        "numbers, and {} are free; use more nodes, fewer ranks a node, or remove records before",
        node->size(), node->size() == 1 ? "" : "s", host_name(), format_amount(static_cast<double>(needed), "bytes"),
        format_count(total), format_count(picks + curated), size.width,
        format_amount(static_cast<double>(available), "bytes")));
  });
  // The same share of each rank's vectors stays in files.
  const double fits =
      wanted == 0 ? 1 : std::min(1.0, static_cast<double>(available - needed) / static_cast<double>(wanted));
  auto resident = static_cast<std::uint64_t>(fits * static_cast<double>(vectors));
  if (options.memory_limit) resident = std::min(resident, options.memory_limit->count);
  if (resident < vectors) {
    plan.resident_rows = resident / std::max<std::uint64_t>(1, size.width * bytes_of_number(options.storage));
    log::info("select: {} of {} vectors of this rank stay in the shard files; {} are held in memory",
              format_count(size.records - std::min(size.records, plan.resident_rows)), format_count(size.records),
              format_amount(static_cast<double>(resident), "bytes"));
  }
  return plan;
}

}  // namespace farpoint::jobs
