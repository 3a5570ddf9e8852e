// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/k_center.hpp"

#include <algorithm>
#include <cmath>

#include "assignment.hpp"
#include "blas.hpp"
#include "centres.hpp"
#include "device_accelerator.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "inputs.hpp"
#include "k_center_on.hpp"
#include "must_keep.hpp"
#include "pool.hpp"
#include "pool_size.hpp"
#include "row_bounds.hpp"
#include "screening.hpp"
#include "stopwatch.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t first_pick_stream = 0x6b63656e746572;  // "kcenter": own numbers for the same seed

class Greedy {
 public:
  Greedy(comm::Communicator& comm, Accelerator* accelerator, const Candidates& pool, const InputFacts& facts,
         const KCenterOptions& options)
      : comm_(comm),
        options_(options),
        pool_(pool),
        facts_(facts),
        ledger_(options.limits),
        screening_(options.metric, pool.vectors.dimension()),
        centres_(screening_, pool.vectors.dimension()) {
    const std::uint64_t records = options.limits.records;
    const std::uint64_t picks = records == Limits::no_limit ? 0 : std::min(records, facts.rows);
    comm::agree(comm, [&] { rows_ = make_row_bounds(accelerator, pool, screening_, centres_, picks, result_.costs); });
  }

  void start(std::span<const float> curated, const KCenterPicks& before);
  void run(const KCenterProgress& progress);
  KCenterResult finish() &&;

 private:
  void keep_first();
  void repeat(const KCenterPicks& before);
  /// The first pick, where it is not simply the lowest id; nothing when there is none.
  std::optional<std::uint64_t> draw_first();
  void choose_first(std::uint64_t id);
  void choose_from(Pool& pool);
  void choose(Pool& pool, std::size_t place);
  void measure_radius();
  /// Not all records can be chosen at any time, so the farthest one may not be in the pool.
  bool is_restricted() const { return facts_.has_barred || !options_.limits.labels.empty(); }
  double shown(const Pool& pool, std::size_t place) const {
    return shown_distance(options_.metric, pool.key(place).value);
  }

  comm::Communicator& comm_;
  const KCenterOptions& options_;
  const Candidates& pool_;
  const InputFacts facts_;
  KCenterResult result_;
  Ledger ledger_;
  Screening screening_;
  Centres centres_;
  std::unique_ptr<RowBounds> rows_;
  std::optional<double> radius_;
  bool finished_ = false;
};

void Greedy::start(std::span<const float> curated, const KCenterPicks& before) {
  const auto all = comm::all_gather(comm_, curated);
  const std::size_t dimension = centres_.dimension();
  centres_.reserve(dimension == 0 ? 0 : all.data.size() / dimension + std::min(options_.limits.records, facts_.rows));
  for (std::size_t begin = 0; begin < all.data.size(); begin += dimension) {
    centres_.add(std::span(all.data).subspan(begin, dimension), curated_representative);
  }
  if (centres_.count() > 0) ++result_.costs.passes;
  if (before.ids.empty())
    keep_first();
  else
    repeat(before);
  if (result_.ids.empty() && centres_.count() == 0) {
    if (const auto first = draw_first()) choose_first(*first);
  }
}

/// The records that must be kept, a batch at a time, as picks that need no certificate.
void Greedy::keep_first() {
  take_must_keep(comm_, pool_.vectors.ids(), pool_.charges, options_.must_keep, ledger_);
  constexpr std::size_t batch = 1024;
  for (std::size_t begin = 0; begin < options_.must_keep.size(); begin += batch) {
    const auto ids = std::span(options_.must_keep).subspan(begin);
    Pool pool = Pool::of_ids(comm_, *rows_, screening_, ids.first(std::min(batch, ids.size())), true, result_.costs);
    for (std::size_t place = 0; place < pool.size(); ++place) choose(pool, place);
    pool.settle(*rows_);
    ++result_.costs.passes;
  }
}

/// The picks of an interrupted call: their distances are known.
void Greedy::repeat(const KCenterPicks& before) {
  const std::size_t kept = std::min(options_.must_keep.size(), before.ids.size());
  take_must_keep(comm_, pool_.vectors.ids(), pool_.charges, std::span(before.ids).first(kept), ledger_);
  constexpr std::size_t batch = 4096;
  for (std::size_t begin = 0; begin < before.ids.size(); begin += batch) {
    const auto ids = std::span(before.ids).subspan(begin, std::min(batch, before.ids.size() - begin));
    Pool pool = Pool::of_ids(comm_, *rows_, screening_, ids, false, result_.costs);
    for (std::size_t place = 0; place < pool.size(); ++place) {
      if (begin + place >= kept) ledger_.take_anyway(pool.label(place), pool.tokens(place));
      centres_.add(pool.vector(place), ids[place]);
      pool.set_chosen(place);
    }
    pool.settle(*rows_);
  }
  result_.ids = before.ids;
  result_.distances = before.distances;
  ++result_.costs.passes;
}

/// The record that comes first by its score, or by its random number; the lowest id on ties.
std::optional<std::uint64_t> Greedy::draw_first() {
  if (!options_.random_first && !facts_.has_scores) return std::nullopt;
  rows_->look_at_open(ledger_);
  Key mine;
  for (std::size_t row = 0; row < rows_->size(); ++row) {
    if (!rows_->is_looked_at(row)) continue;
    // The smallest number wins; 53 random bits are a double exactly.
    const double value = options_.random_first
                             ? -static_cast<double>(random_bits(options_.seed, first_pick_stream, rows_->id(row)) >> 11)
                             : pool_.scores[row];
    const Key key{value, rows_->id(row)};
    if (key.before(mine)) mine = key;
  }
  const auto all = comm::all_gather(comm_, mine);
  const auto first = *std::min_element(all.begin(), all.end(), [](const Key& a, const Key& b) { return a.before(b); });
  if (std::isinf(first.value)) return std::nullopt;
  return first.id;
}

void Greedy::choose_first(std::uint64_t id) {
  Pool pool = Pool::of_ids(comm_, *rows_, screening_, std::span(&id, 1), true, result_.costs);
  if (!ledger_.is_open(pool.label(0)) || !ledger_.take(pool.label(0), pool.tokens(0))) return;
  choose(pool, 0);
  pool.settle(*rows_);
  ++result_.costs.passes;
}

void Greedy::run(const KCenterProgress& progress) {
  std::uint64_t calls_before = comm_.collective_calls();
  PoolSize size(options_.pool_size, comm_.size());
  while (!finished_) {
    // Who is open when all is chosen does not matter: then the farthest of all is looked for.
    if (ledger_.is_full())
      rows_->look_at_all();
    else
      rows_->look_at_open(ledger_);
    Pool pool = Pool::of_first(comm_, *rows_, screening_, size.share(), result_.costs);
    if (pool.size() == 0) {
      if (ledger_.is_full() || ledger_.minima_met()) break;
      ledger_.give_up_minima();
      continue;
    }
    const std::size_t picks_before = result_.ids.size();
    const std::size_t centres_before = centres_.count();
    {
      const Stopwatch watch(result_.costs.pool_seconds);
      choose_from(pool);
    }
    pool.settle(*rows_);
    if (progress) {
      // What the caller says to the other ranks is none of the selection's cost.
      const auto calls = comm_.collective_calls();
      progress(result_);
      calls_before += comm_.collective_calls() - calls;
    }
    if (finished_) break;
    size.learn(pool.size(), result_.ids.size() - picks_before);
    // Too many near-ties for the pool. Afterwards the first row in order of choice is exact, so the next pass picks.
    if (result_.ids.size() == picks_before) rows_->make_exact_before(pool.key(pool.best(&ledger_)));
    if (centres_.count() > centres_before) ++result_.costs.passes;
  }
  if (!radius_) measure_radius();
  result_.radius = *radius_;
  result_.costs.collectives = comm_.collective_calls() - calls_before;
}

/// Picks for as long as it is certain that no record outside the pool comes first.
void Greedy::choose_from(Pool& pool) {
  const bool minima_met = ledger_.minima_met();
  while (true) {
    const std::size_t place = pool.best(&ledger_);
    if (place == Pool::nobody || !pool.is_certified(place)) return;
    const bool is_near = ledger_.minima_met() && options_.radius && shown(pool, place) <= *options_.radius;
    if (is_near || ledger_.is_full() || !ledger_.take(pool.label(place), pool.tokens(place))) {
      if (!is_restricted()) radius_ = shown(pool, place);
      finished_ = true;
      return;
    }
    choose(pool, place);
    // What was closed until now may come first.
    if (!minima_met && ledger_.minima_met()) return;
  }
}

void Greedy::choose(Pool& pool, std::size_t place) {
  result_.ids.push_back(pool.key(place).id);
  result_.distances.push_back(shown(pool, place));
  const bool is_new = centres_.add(pool.vector(place), result_.ids.back());
  pool.set_chosen(place);
  if (is_new) pool.apply(place, centres_.count());
}

/// The farthest of all records that are left.
void Greedy::measure_radius() {
  rows_->look_at_all();
  while (!radius_) {
    Pool pool = Pool::of_first(comm_, *rows_, screening_, 1, result_.costs);
    if (pool.size() == 0) {
      radius_ = 0;
      return;
    }
    const std::size_t place = pool.best();
    pool.settle(*rows_);
    if (pool.is_certified(place))
      radius_ = shown(pool, place);
    else
      rows_->make_exact_before(pool.key(place));
  }
}

KCenterResult Greedy::finish() && {
  if (options_.assignment) {
    result_.representatives = rows_->nearest_labels();
    result_.weights = count_labels(comm_, result_.representatives, result_.ids);
  }
  result_.costs.distances = comm::all_reduce(comm_, result_.costs.distances, comm::Reduction::sum);
  return std::move(result_);
}

}  // namespace

KCenterResult k_center_on(Accelerator* accelerator, comm::Communicator& comm, const Candidates& pool,
                          std::span<const float> curated, const KCenterOptions& options,
                          const KCenterProgress& progress, const KCenterPicks& before) {
  check_options(options);
  if (accelerator == nullptr) load_blas();
  Greedy greedy(comm, accelerator, pool, agree_on_inputs(comm, pool, curated), options);
  greedy.start(curated, before);
  greedy.run(progress);
  return std::move(greedy).finish();
}

KCenterResult k_center(comm::Communicator& comm, const Candidates& pool, std::span<const float> curated,
                       const KCenterOptions& options, const KCenterProgress& progress, const KCenterPicks& before) {
  std::unique_ptr<Accelerator> accelerator;
  if (options.device == Device::cuda) {
    check_cuda_support();
    comm::agree(comm, [&] { accelerator = make_cuda_accelerator(options.gpu, comm.rank()); });
  }
  return k_center_on(accelerator.get(), comm, pool, curated, options, progress, before);
}

}  // namespace farpoint::select
