// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/leader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "blas.hpp"
#include "centres.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "inputs.hpp"
#include "leader_block.hpp"
#include "must_keep.hpp"
#include "ranking.hpp"

namespace farpoint::select {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The largest canonical value at which a record is near.
double largest_near(const LeaderOptions& options) {
  const double threshold = options.threshold;
  if (std::isnan(threshold)) throw UsageError("the threshold is not a number");
  // No value is infinite, but what has nothing before it counts as infinitely far.
  constexpr double most = std::numeric_limits<double>::max();
  if (options.metric == Metric::cosine) return std::min(1 - threshold, most);
  if (threshold < 0) throw UsageError(fmt::format("the threshold is a distance and cannot be negative: {}", threshold));
  const auto is_near = [&](double value) { return shown_distance(Metric::l2, value) <= threshold; };
  // The square is off by a rounding or two.
  double value = std::min(threshold * threshold, most);
  while (!is_near(value)) value = std::nextafter(value, 0.0);
  while (value < most && is_near(std::nextafter(value, most))) value = std::nextafter(value, most);
  return value;
}

class Leaders {
 public:
  Leaders(comm::Communicator& comm, const Vectors& pool, const LeaderOptions& options, double near, Ledger& ledger)
      : comm_(comm),
        pool_(pool),
        metric_(options.metric),
        near_(near),
        ledger_(ledger),
        screening_(options.metric, pool.dimension()),
        centres_(screening_, pool.dimension()),
        search_(pool, screening_, centres_) {}

  void add_curated(std::span<const float> curated);
  void keep_all(std::span<const std::uint64_t> must_keep);
  void walk(Ranking& ranking, const PickProgress& progress);
  LeaderResult finish() && { return std::move(result_); }

 private:
  FarRecords far_records(std::span<const RankedRecord> block);
  void choose_from(std::span<const RankedRecord> block, FarRecords& far, Ranking& ranking);
  void keep(std::uint64_t id, FarRecords& far, std::size_t i, double near);

  comm::Communicator& comm_;
  const Vectors& pool_;
  Metric metric_;
  double near_;
  Ledger& ledger_;
  Screening screening_;
  Centres centres_;
  FarSearch search_;
  bool mostly_far_ = false;  ///< records of the last block
  LeaderResult result_;
};

void Leaders::add_curated(std::span<const float> curated) {
  const auto all = comm::all_gather(comm_, curated);
  const std::size_t dimension = centres_.dimension();
  for (std::size_t begin = 0; begin < all.data.size(); begin += dimension) {
    centres_.add(std::span(all.data).subspan(begin, dimension), curated_representative);
  }
}

void Leaders::keep_all(std::span<const std::uint64_t> must_keep) {
  constexpr std::size_t batch = 1024;
  constexpr double nowhere = -infinity;  // nothing is near
  for (std::size_t begin = 0; begin < must_keep.size(); begin += batch) {
    const auto ids = must_keep.subspan(begin, std::min(batch, must_keep.size() - begin));
    std::vector<BlockRow> mine;
    for (std::size_t place = 0; place < ids.size(); ++place) {
      const auto at = std::lower_bound(pool_.ids().begin(), pool_.ids().end(), ids[place]);
      if (at == pool_.ids().end() || *at != ids[place]) continue;
      mine.push_back({place, static_cast<std::uint32_t>(at - pool_.ids().begin())});
    }
    FarRecords far = search_.find(mine, nowhere, true).gather(comm_);
    for (std::size_t i = 0; i < far.count(); ++i) keep(ids[far.place(i)], far, i, nowhere);
  }
}

void Leaders::walk(Ranking& ranking, const PickProgress& progress) {
  constexpr double wanted_far = 1024;
  constexpr std::size_t least_block = 256;
  constexpr std::size_t most_block = 16384;
  std::size_t size = least_block;
  while (!ledger_.is_full()) {
    const auto block = ranking.next(size, ledger_);
    const bool first_phase = !ledger_.minima_met();
    if (block.empty() && !first_phase) break;
    if (block.empty()) {
      ledger_.give_up_minima();
    } else {
      FarRecords far = far_records(block);
      choose_from(block, far, ranking);
      const double share = std::max<double>(static_cast<double>(far.count()), 1) / static_cast<double>(block.size());
      size = std::min({static_cast<std::size_t>(wanted_far / share), 4 * size, most_block});
      size = std::max(size, least_block);
      mostly_far_ = share > 0.5;
    }
    if (first_phase && ledger_.minima_met()) ranking.restart();
    if (progress) progress(result_.ids.size());
  }
}

/// Collective, two calls.
FarRecords Leaders::far_records(std::span<const RankedRecord> block) {
  std::vector<BlockRow> mine;
  for (std::size_t place = 0; place < block.size(); ++place) {
    if (block[place].rank == static_cast<std::uint32_t>(comm_.rank())) mine.push_back({place, block[place].row});
  }
  return search_.find(mine, near_, mostly_far_).gather(comm_);
}

/// Walks the block in order, as far as the ledger and the first phase of quotas allow.
void Leaders::choose_from(std::span<const RankedRecord> block, FarRecords& far, Ranking& ranking) {
  const bool first_phase = !ledger_.minima_met();
  std::size_t next = 0;  // far record
  for (std::size_t place = 0; place < block.size(); ++place) {
    const RankedRecord& record = block[place];
    const bool was_far = next < far.count() && far.place(next) == place;
    const std::size_t i = was_far ? next++ : next;
    if (!ledger_.is_open(record.label)) continue;
    if (!was_far || far.value(i) <= near_) {
      ++result_.near;
    } else {
      if (!ledger_.take(record.label, record.tokens)) return;
      keep(record.id, far, i, near_);
    }
    ranking.remove(record);
    if (ledger_.is_full() || (first_phase && ledger_.minima_met())) return;
  }
}

void Leaders::keep(std::uint64_t id, FarRecords& far, std::size_t i, double near) {
  result_.ids.push_back(id);
  result_.distances.push_back(shown_distance(metric_, far.value(i)));
  // A copy brings nobody nearer.
  if (centres_.add(far.vector(i), id)) far.apply(screening_, i, near);
}

/// The walk in ascending order of keys.
LeaderResult choose_leaders(comm::Communicator& comm, const Vectors& pool, std::span<const std::uint64_t> keys,
                            const Charges& charges, std::span<const float> curated,
                            std::span<const std::uint64_t> must_keep, const LeaderOptions& options, Ledger& ledger,
                            const PickProgress& progress) {
  const double near = largest_near(options);
  load_blas();
  agree_on_inputs(comm, pool, curated);
  check_charges(comm, pool.size(), charges, ledger);
  Ranking ranking(comm, pool.ids(), keys, charges);
  take_must_keep(comm, pool.ids(), charges, must_keep, ledger);
  ranking.remove(must_keep);
  Leaders leaders(comm, pool, options, near, ledger);
  leaders.add_curated(curated);
  leaders.keep_all(must_keep);
  leaders.walk(ranking, progress);
  return std::move(leaders).finish();
}

}  // namespace

LeaderResult repr_filter(comm::Communicator& comm, const Vectors& pool, std::span<const double> scores,
                         const Charges& charges, std::span<const float> curated,
                         std::span<const std::uint64_t> must_keep, const LeaderOptions& options, Ledger& ledger,
                         const PickProgress& progress) {
  return choose_leaders(comm, pool, descending_keys(scores), charges, curated, must_keep, options, ledger, progress);
}

LeaderResult one_pass(comm::Communicator& comm, const Vectors& pool, const Charges& charges,
                      std::span<const float> curated, std::span<const std::uint64_t> must_keep,
                      const LeaderOptions& options, Ledger& ledger, const PickProgress& progress) {
  const std::vector<std::uint64_t> keys(pool.size(), 0);
  return choose_leaders(comm, pool, keys, charges, curated, must_keep, options, ledger, progress);
}

}  // namespace farpoint::select
