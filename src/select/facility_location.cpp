// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/facility_location.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "facility_location_graph.hpp"
#include "facility_location_pool.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "inputs.hpp"
#include "k_means_assign.hpp"
#include "must_keep.hpp"

namespace farpoint::select {

namespace {

double as_similarity(std::uint64_t fixed) {
  return static_cast<double>(fixed) * 0x1p-31;
}

/// Every rank looks at the sizes of all, so what it throws, all throw.
void check_sizes(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Neighbours& graph,
                 std::span<const double> covered) {
  struct Sizes {
    std::uint64_t records = 0;
    std::uint64_t rows = 0;
    std::uint64_t k = 0;
    std::uint64_t covered = 0;
  };
  const auto all = comm::all_gather(comm, Sizes{ids.size(), graph.size(), graph.k, covered.size()});
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    const Sizes& sizes = all[rank];
    if (sizes.k > 0 && sizes.rows != sizes.records) {
      throw comm::AgreedError(
          fmt::format("rank {}: the neighbours of {} records, but there are {}", rank, sizes.rows, sizes.records));
    }
    if (sizes.covered != 0 && sizes.covered != sizes.records) {
      throw comm::AgreedError(fmt::format("rank {}: {} records are said to be covered, but there are {}", rank,
                                          sizes.covered, sizes.records));
    }
  }
}

class Greedy {
 public:
  Greedy(comm::Communicator& comm, CoverGraph& graph, Ledger& ledger) : comm_(comm), graph_(graph), ledger_(ledger) {}

  /// Chooses these, which are in the books, before anything else.
  void keep(std::span<const std::uint64_t> must_keep);
  void run(std::size_t pool_size);

  FacilityLocationResult result;

 private:
  void choose_from(CoverPool& pool, const GainKey& left_out);
  void choose(CoverPool& pool, std::size_t place);

  comm::Communicator& comm_;
  CoverGraph& graph_;
  Ledger& ledger_;
};

void Greedy::keep(std::span<const std::uint64_t> must_keep) {
  constexpr std::size_t batch = 64;
  std::vector<CoverEdge> edges;
  for (std::size_t begin = 0; begin < must_keep.size(); begin += batch) {
    const auto ids = must_keep.subspan(begin, std::min(batch, must_keep.size() - begin));
    std::vector<CoverCandidate> own;
    for (const std::uint64_t id : ids) {
      const std::size_t record = graph_.find(id);
      if (record == graph_.records().size()) continue;
      edges.clear();
      graph_.append_edges(record, edges);
      own.push_back({{graph_.gain(record), id}, 0, 0, static_cast<std::uint32_t>(record), edges.size()});
    }
    auto all = comm::all_gather(comm_, std::span<const CoverCandidate>(own));
    std::vector<std::uint64_t> counts(all.offsets.size() - 1);
    for (std::size_t rank = 0; rank < counts.size(); ++rank) counts[rank] = all.offsets[rank + 1] - all.offsets[rank];
    CoverPool pool(comm_, graph_, std::move(all.data), own, counts);
    for (const std::uint64_t id : ids) {
      std::size_t place = 0;
      while (pool.candidate(place).key.id != id) ++place;
      choose(pool, place);
    }
  }
}

void Greedy::run(std::size_t pool_size) {
  GainQueue queue(graph_);
  for (const std::uint64_t id : result.ids) {
    const std::size_t record = graph_.find(id);
    if (record < graph_.records().size()) queue.set_chosen(record);
  }
  std::vector<CoverCandidate> own;
  while (!ledger_.is_full()) {
    GainKey left_out;
    CoverPool pool = gather_pool(comm_, graph_, queue, ledger_, pool_size, left_out, own);
    const bool minima_met = ledger_.minima_met();
    if (pool.size() == 0) {
      if (minima_met) break;  // every record that may be chosen is
      ledger_.give_up_minima();
      queue.put_back_closed();
      continue;
    }
    ++result.passes;
    choose_from(pool, left_out);
    for (std::size_t place = 0; place < pool.size(); ++place) {
      if (!pool.is_chosen(place)) continue;
      const std::size_t record = graph_.find(pool.candidate(place).key.id);
      if (record < graph_.records().size()) queue.set_chosen(record);
    }
    for (const CoverCandidate& candidate : own) queue.put_back(candidate);
    if (ledger_.minima_met() != minima_met) queue.put_back_closed();
  }
}

/// Chooses for as long as it is certain that no record outside the pool comes first. A change of phase opens labels
/// whose records nobody has looked at.
void Greedy::choose_from(CoverPool& pool, const GainKey& left_out) {
  const bool minima_met = ledger_.minima_met();
  while (!ledger_.is_full() && ledger_.minima_met() == minima_met) {
    const std::size_t place = pool.best(ledger_);
    if (place == pool.size() || !pool.candidate(place).key.before(left_out)) return;
    if (!ledger_.take(pool.candidate(place).label, pool.candidate(place).tokens)) return;
    choose(pool, place);
  }
}

void Greedy::choose(CoverPool& pool, std::size_t place) {
  result.ids.push_back(pool.candidate(place).key.id);
  result.gains.push_back(as_similarity(pool.candidate(place).key.gain));
  pool.choose(place, graph_);
}

/// Canonical values to the nearest curated vector; empty when there is none.
std::vector<double> nearest_curated(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                                    Metric metric) {
  const auto all = comm::all_gather(comm, curated).data;
  if (all.empty()) return {};
  return nearest_centroids(pool, metric, all, true).values;
}

}  // namespace

std::uint32_t fixed_similarity(Metric metric, double value) {
  const double similarity = metric == Metric::l2 ? 1 / (1 + std::sqrt(value)) : 1 - value;
  if (!(similarity > 0)) return 0;
  if (similarity >= 1) return whole_similarity;
  return static_cast<std::uint32_t>(std::floor(similarity * whole_similarity + 0.5));
}

FacilityLocationResult facility_location(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         const Neighbours& graph, const Charges& charges,
                                         std::span<const std::uint64_t> must_keep, std::span<const double> covered,
                                         const FacilityLocationOptions& options, Ledger& ledger) {
  check_sizes(comm, ids, graph, covered);
  take_must_keep(comm, ids, charges, must_keep, ledger);
  std::vector<std::uint32_t> start(covered.size());
  std::transform(covered.begin(), covered.end(), start.begin(),
                 [&](double value) { return fixed_similarity(options.metric, value); });
  const auto start_sum =
      comm::all_reduce(comm, std::accumulate(start.begin(), start.end(), std::uint64_t{0}), comm::Reduction::sum);
  CoverGraph cover(comm, ids, graph, charges, start, options.metric);
  Greedy greedy(comm, cover, ledger);
  greedy.keep(must_keep);
  greedy.run(std::max<std::size_t>(options.pool_size, 1));
  auto& result = greedy.result;
  result.start = as_similarity(start_sum);
  // Multiples of 2^-31, whose sums are exact up to millions of records; beyond, rounded in the order of choice.
  result.objective = std::accumulate(result.gains.begin(), result.gains.end(), result.start);
  return std::move(result);
}

FacilityLocationResult facility_location(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                                         const Charges& charges, std::span<const std::uint64_t> must_keep,
                                         const FacilityLocationOptions& options, Ledger& ledger) {
  agree_on_inputs(comm, pool, curated);
  NeighbourOptions search;
  search.metric = options.metric;
  constexpr bool exclude_self = true;
  const auto graph = NeighbourIndex(comm, pool, search).nearest(pool, options.neighbours, exclude_self);
  const auto covered = nearest_curated(comm, pool, curated, options.metric);
  return facility_location(comm, pool.ids(), graph, charges, must_keep, covered, options, ledger);
}

}  // namespace farpoint::select
