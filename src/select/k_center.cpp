// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/k_center.hpp"

#include <algorithm>

#include "assignment.hpp"
#include "blas.hpp"
#include "centres.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "inputs.hpp"
#include "pool.hpp"
#include "row_bounds.hpp"
#include "screening.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t first_pick_stream = 0x6b63656e746572;  // "kcenter": own numbers for the same seed

class Greedy {
 public:
  Greedy(comm::Communicator& comm, const Vectors& vectors, const KCenterOptions& options)
      : comm_(comm),
        options_(options),
        screening_(options.metric, vectors.dimension()),
        centres_(screening_, vectors.dimension()),
        rows_(vectors, screening_, centres_) {}

  void start(std::span<const float> curated, std::uint64_t most_picks);
  void run(const PickProgress& progress);
  KCenterResult finish() &&;

 private:
  void draw_first();
  void choose_from(Pool& pool);
  void choose(Pool& pool, std::size_t place);
  bool is_enough(double distance) const;

  comm::Communicator& comm_;
  const KCenterOptions& options_;
  Screening screening_;
  Centres centres_;
  RowBounds rows_;
  KCenterResult result_;
  bool finished_ = false;
};

void Greedy::start(std::span<const float> curated, std::uint64_t most_picks) {
  const auto all = comm::all_gather(comm_, curated);
  const std::size_t dimension = centres_.dimension();
  centres_.reserve(dimension == 0 ? 0 : all.data.size() / dimension + most_picks);
  for (std::size_t begin = 0; begin < all.data.size(); begin += dimension) {
    centres_.add(std::span(all.data).subspan(begin, dimension), curated_representative);
  }
  if (centres_.count() > 0) ++result_.passes;
  if (centres_.count() == 0 && options_.random_first) draw_first();
}

/// The record with the smallest random number, the lowest id on ties.
void Greedy::draw_first() {
  struct Ticket {
    std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t id = std::numeric_limits<std::uint64_t>::max();
    auto operator<=>(const Ticket&) const = default;
  };
  Ticket mine;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    mine = std::min(mine, Ticket{random_bits(options_.seed, first_pick_stream, rows_.id(row)), rows_.id(row)});
  }
  const auto all = comm::all_gather(comm_, mine);
  rows_.prefer(std::min_element(all.begin(), all.end())->id);
}

void Greedy::run(const PickProgress& progress) {
  const std::uint64_t calls_before = comm_.collective_calls();
  while (!finished_) {
    Pool pool(comm_, rows_, screening_, centres_.dimension(), std::max<std::size_t>(options_.pool_size, 1));
    if (pool.empty()) break;  // every record is chosen
    const std::size_t picks_before = result_.ids.size();
    const std::size_t centres_before = centres_.count();
    choose_from(pool);
    pool.settle(rows_);
    if (progress) progress(result_.ids.size());
    if (finished_) break;
    // Too many near-ties for the pool. Afterwards the first row in order of choice is exact, so the next pass picks.
    if (result_.ids.size() == picks_before) rows_.make_exact_before(pool.key(pool.best()));
    if (centres_.count() > centres_before) ++result_.passes;
  }
  result_.collectives = comm_.collective_calls() - calls_before;
}

/// Picks for as long as it is certain that no record outside the pool comes first.
void Greedy::choose_from(Pool& pool) {
  while (true) {
    const std::size_t place = pool.best();
    if (!pool.is_certified(place)) return;
    const double distance = shown_distance(options_.metric, pool.key(place).value);
    if (is_enough(distance)) {
      result_.radius = distance;
      finished_ = true;
      return;
    }
    result_.distances.push_back(distance);
    choose(pool, place);
  }
}

bool Greedy::is_enough(double distance) const {
  if (options_.records && result_.ids.size() >= *options_.records) return true;
  return options_.radius && distance <= *options_.radius;
}

void Greedy::choose(Pool& pool, std::size_t place) {
  result_.ids.push_back(pool.key(place).id);
  const bool is_new = centres_.add(pool.vector(place), result_.ids.back());
  pool.set_chosen(place);
  if (is_new) pool.apply(place);
}

KCenterResult Greedy::finish() && {
  if (options_.assignment) {
    result_.representatives = nearest_labels(rows_, screening_, centres_);
    result_.weights = count_labels(comm_, result_.representatives, result_.ids);
  }
  return std::move(result_);
}

}  // namespace

KCenterResult k_center(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                       const KCenterOptions& options, const PickProgress& progress) {
  check_options(options);
  load_blas();
  const auto rows = agree_on_inputs(comm, pool, curated);
  Greedy greedy(comm, pool, options);
  greedy.start(curated, std::min(options.records.value_or(0), rows));
  greedy.run(progress);
  return std::move(greedy).finish();
}

}  // namespace farpoint::select
