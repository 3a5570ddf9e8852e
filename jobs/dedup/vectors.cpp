// SPDX-License-Identifier: Apache-2.0
#include "vectors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/dedup/exact.hpp"
#include "farpoint/dedup/id_flags.hpp"
#include "farpoint/select/assignment.hpp"
#include "farpoint/select/leader.hpp"
#include "farpoint/select/nearest.hpp"
#include "farpoint/select/neighbours.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// Queries of a rank at a time: what is found for them is in memory.
constexpr std::size_t block_queries = 256;
/// Queries by which the recall of cells is measured.
constexpr std::size_t recall_sample = 1000;

UnitRows rows_where(const UnitRows& rows, const std::function<bool(std::size_t)>& takes_part) {
  UnitRows some{{}, {}, rows.width};
  for (std::size_t i = 0; i < rows.ids.size(); ++i) {
    if (!takes_part(i)) continue;
    const auto row = rows.vectors().row(i);
    some.ids.push_back(rows.ids[i]);
    some.numbers.insert(some.numbers.end(), row.begin(), row.end());
  }
  return some;
}

std::uint64_t sum(comm::Communicator& comm, std::uint64_t value) {
  return comm::all_reduce(comm, value, comm::Reduction::sum);
}

/// Joins rows that are equal to the bit, which hashing finds, and returns one of each, that of the lowest id.
UnitRows without_copies(comm::Communicator& comm, const UnitRows& rows, dedup::Components& components) {
  std::vector<dedup::HashedRecord> hashed;
  for (std::size_t i = 0; i < rows.ids.size(); ++i) {
    const auto bytes = std::as_bytes(rows.vectors().row(i));
    hashed.push_back({hash128({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), rows.ids[i]});
  }
  const auto copies = dedup::exact_matches(comm, hashed).edges;
  components.join(copies);
  std::vector<std::uint64_t> later;
  for (const auto& edge : copies) later.push_back(std::max(edge.a, edge.b));
  dedup::IdFlags is_copy(comm, components.ids());
  is_copy.set(later);
  const auto flags = is_copy.get(rows.ids);
  return rows_where(rows, [&](std::size_t i) { return flags[i] == 0; });
}

/// The curated rows of all ranks: they are few, and every rank compares its own rows with them.
std::vector<float> gathered(comm::Communicator& comm, const UnitRows& curated) {
  return comm::all_gather(comm, std::span<const float>(curated.numbers)).data;
}

/// 1 for each row that is near a curated one.
std::vector<std::uint8_t> near_curated(comm::Communicator& comm, const UnitRows& pool, const UnitRows& curated,
                                       double threshold) {
  std::vector<std::uint8_t> near(pool.ids.size(), 0);
  auto targets = gathered(comm, curated);
  if (targets.empty()) return near;
  const select::NearestTargets nearest(select::Metric::cosine, std::move(targets), curated.width);
  std::vector<std::uint64_t> places(pool.ids.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  const auto values = nearest.values({pool.numbers, places, pool.width});
  for (std::size_t i = 0; i < near.size(); ++i) near[i] = values[i] <= 1 - threshold ? 1 : 0;
  return near;
}

}  // namespace

UnitRows load_unit_rows(PoolPass& pass, Population population, const std::string& column,
                        const std::function<bool(std::size_t position)>& takes_part) {
  UnitRows rows;
  std::size_t position = 0;
  std::uint64_t other_width = 0;
  pass.for_each_shard(population, [&](const Shard& shard) {
    const auto ids = shard.ids();
    if (ids.empty()) return;
    const auto& stored = shard.column(column);
    if (rows.width == 0) rows.width = stored.width;
    if (rows.width != stored.width) other_width = stored.width;
    const auto& numbers = stored.as<std::vector<float>>();
    for (std::size_t i = 0; i < ids.size(); ++i, ++position) {
      if (!takes_part(position) || stored.width != rows.width) continue;
      const auto size = rows.numbers.size();
      const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(i * stored.width);
      rows.numbers.insert(rows.numbers.end(), begin, begin + static_cast<std::ptrdiff_t>(stored.width));
      // The embeddings are scaled already, to the same bits that this gives.
      if (select::normalize(std::span(rows.numbers).subspan(size))) {
        rows.ids.push_back(ids[i]);
      } else {
        rows.numbers.resize(size);
      }
    }
  });
  auto& comm = pass.comm();
  const auto widest =
      comm::all_reduce(comm, std::uint64_t{std::max<std::size_t>(rows.width, other_width)}, comm::Reduction::max);
  const bool differs = other_width != 0 || (rows.width != 0 && rows.width != widest);
  if (sum(comm, differs ? 1 : 0) > 0) {
    throw comm::AgreedError(
        fmt::format("dedup: the vectors of the column '{}' of the {} records have different widths, "
                    "up to {} numbers; they must come from one model",
                    column, name_of(population), widest));
  }
  rows.width = widest;
  return rows;
}

VectorMatches join_semantic(comm::Communicator& comm, const UnitRows& pool, const UnitRows& curated,
                            const SemanticOptions& options, std::uint64_t seed, dedup::Components& components) {
  VectorMatches result;
  const auto near = near_curated(comm, pool, curated, *options.threshold);
  for (std::size_t i = 0; i < near.size(); ++i) {
    if (near[i] != 0) result.curated_hits.push_back(pool.ids[i]);
  }
  const auto rows = without_copies(comm, rows_where(pool, [&](std::size_t i) { return near[i] == 0; }), components);
  if (sum(comm, rows.ids.size()) == 0) return result;

  select::NeighbourOptions how;
  how.kind = options.index.kind;
  how.cells = options.index.cells.value_or(0);
  how.probes = options.index.probes;
  how.seed = seed;
  const auto base = rows.vectors();
  const select::NeighbourIndex index(comm, base, how);
  const auto rounds =
      comm::all_reduce(comm, std::uint64_t{(base.size() + block_queries - 1) / block_queries}, comm::Reduction::max);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto begin = std::min<std::size_t>(round * block_queries, base.size());
    const auto count = std::min(block_queries, base.size() - begin);
    const select::Vectors queries(std::span(rows.numbers).subspan(begin * rows.width, count * rows.width),
                                  std::span(rows.ids).subspan(begin, count), rows.width);
    const auto found = index.within(queries, 1 - *options.threshold, true);
    std::vector<dedup::Edge> edges;
    for (std::size_t q = 0; q < count; ++q) {
      for (auto at = found.offsets[q]; at < found.offsets[q + 1]; ++at) {
        edges.push_back({queries.id(q), found.ids[at]});
      }
    }
    components.join(edges);
  }
  if (how.kind == select::IndexKind::ivf) {
    const auto recall = select::measured_recall(comm, index, base, base, 1, recall_sample, how, true);
    result.facts["semantic_recall"] = recall.value();
  }
  return result;
}

VectorMatches join_one_pass(comm::Communicator& comm, const UnitRows& pool, const UnitRows& curated,
                            const OnePassOptions& options, dedup::Components& components) {
  VectorMatches result;
  const auto rows = pool.vectors();
  const select::LeaderOptions how{select::Metric::cosine, *options.threshold};
  select::Ledger ledger{select::Limits{}};
  auto leaders = select::one_pass(comm, rows, {}, curated.numbers, {}, how, ledger);
  result.facts["one_pass_leaders"] = static_cast<double>(leaders.ids.size());
  const auto assigned = select::assign_to_chosen(comm, select::Metric::cosine, rows, leaders.ids, curated.numbers);
  std::sort(leaders.ids.begin(), leaders.ids.end());
  std::vector<dedup::Edge> edges;
  for (std::size_t i = 0; i < pool.ids.size(); ++i) {
    if (std::binary_search(leaders.ids.begin(), leaders.ids.end(), pool.ids[i])) {
      result.leaders.push_back(pool.ids[i]);
      continue;
    }
    const auto leader = assigned.representatives[i];
    if (leader == select::curated_representative) {
      result.curated_hits.push_back(pool.ids[i]);
    } else {
      edges.push_back({pool.ids[i], leader});
    }
  }
  components.join(edges);
  return result;
}

}  // namespace farpoint::jobs
