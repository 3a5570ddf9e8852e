// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <unordered_set>

#include "blas.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "inputs.hpp"
#include "must_keep.hpp"
#include "ranking.hpp"
#include "target_search.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t most_lists_a_pass = 256;  // so many targets make the products efficient
constexpr std::size_t most_wanted_a_pass = std::size_t{1} << 19;
constexpr std::size_t most_entries = std::size_t{1} << 23;
constexpr std::size_t least_most_wanted = 64;

/// A record in a target's list. In the order of choice: the smaller value, then the lower id.
struct Match {
  double value = 0;
  std::uint64_t id = 0;
  std::uint64_t tokens = 0;
  std::uint32_t label = 0;
  std::uint32_t unused = 0;  // no bytes without a value are sent

  bool before(const Match& other) const { return std::tie(value, id) < std::tie(other.value, other.id); }
};

/// A target's best records of those that were left, and open, when it was made. Those that are not in it come behind.
struct List {
  std::vector<Match> matches;
  std::size_t next = 0;      ///< matches before it are gone
  std::size_t wanted = 0;    ///< how many it asks for
  bool is_complete = false;  ///< none were left out
};

/// All targets, the same on every rank, by id.
struct Targets {
  std::vector<std::uint64_t> ids;
  std::vector<float> vectors;
};

void check_targets(comm::Communicator& comm, const Vectors& pool, const Vectors& targets) {
  comm::agree(comm, [&] {
    if (targets.dimension() != pool.dimension() && targets.size() > 0) {
      throw Error(
          fmt::format("target vectors have {} components, pool vectors {}", targets.dimension(), pool.dimension()));
    }
    if (targets.numbers() != targets.size() * targets.dimension()) {
      throw Error(fmt::format("{} target vectors of {} components need {} numbers, there are {}", targets.size(),
                              targets.dimension(), targets.size() * targets.dimension(), targets.numbers()));
    }
    RowBlock block(targets, 1);
    for (std::size_t row = 0; row < targets.size(); ++row) {
      if (is_finite(std::span(block.load_range(row, 1)[0], targets.dimension()))) continue;
      throw Error(fmt::format("target {} holds NaN or infinity; leave it out", targets.id(row)));
    }
  });
}

/// Collective.
Targets gather_targets(comm::Communicator& comm, const Vectors& targets) {
  const std::size_t dimension = targets.dimension();
  std::vector<float> mine(targets.size() * dimension);
  RowBlock block(targets, 1);
  for (std::size_t row = 0; row < targets.size(); ++row) {
    std::copy_n(block.load_range(row, 1)[0], dimension, mine.data() + row * dimension);
  }
  const auto ids = comm::all_gather(comm, targets.ids()).data;
  const auto vectors = comm::all_gather(comm, std::span<const float>(mine)).data;
  if (ids.empty()) throw comm::AgreedError("there are no targets to choose for");
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
  Targets all;
  all.vectors.reserve(vectors.size());
  for (const std::size_t i : order) {
    if (!all.ids.empty() && all.ids.back() == ids[i]) {
      throw comm::AgreedError(fmt::format("two targets have the id {}", ids[i]));
    }
    all.ids.push_back(ids[i]);
    const auto row = vectors.begin() + static_cast<std::ptrdiff_t>(i * dimension);
    all.vectors.insert(all.vectors.end(), row, row + static_cast<std::ptrdiff_t>(dimension));
  }
  return all;
}

class RoundRobin {
 public:
  RoundRobin(comm::Communicator& comm, const Vectors& pool, const Targets& targets, const Charges& charges,
             Metric metric, Ledger& ledger);

  void keep_all(std::span<const std::uint64_t> must_keep);
  void run(const PickProgress& progress);
  TargetedResult finish() && { return std::move(result_); }

 private:
  const Match* best(std::size_t target);
  bool is_gone(const Match& match) const;
  void set_used(std::uint64_t id);
  void forget_lists();
  std::vector<std::size_t> lists_to_fill(std::size_t target) const;
  bool is_short(const List& list) const;
  void fill_lists(std::size_t target);
  std::vector<std::uint32_t> rows_left() const;
  std::size_t shown_of(std::size_t wanted) const;
  std::vector<Match> find_matches(std::span<const std::size_t> chosen, std::span<const std::uint32_t> rows) const;

  comm::Communicator& comm_;
  const Vectors& pool_;
  const Targets& targets_;
  const Charges& charges_;
  Metric metric_;
  Ledger& ledger_;
  Screening screening_;
  std::size_t most_wanted_;
  std::vector<List> lists_;
  std::unordered_set<std::uint64_t> used_;
  std::vector<std::uint8_t> row_used_;
  TargetedResult result_;
};

RoundRobin::RoundRobin(comm::Communicator& comm, const Vectors& pool, const Targets& targets, const Charges& charges,
                       Metric metric, Ledger& ledger)
    : comm_(comm),
      pool_(pool),
      targets_(targets),
      charges_(charges),
      metric_(metric),
      ledger_(ledger),
      screening_(metric, pool.dimension()),
      most_wanted_(std::max(least_most_wanted, most_entries / targets.ids.size())),
      lists_(targets.ids.size()),
      row_used_(pool.size(), 0) {
  // Half as many again as it takes when nobody competes; when nobody knows how many, a few.
  const auto& limits = ledger.limits();
  const std::uint64_t left = limits.records - std::min(ledger.records(), limits.records);
  const std::uint64_t turns = left == Limits::no_limit ? least_most_wanted : left / lists_.size() + 1;
  for (List& list : lists_) list.wanted = std::min<std::uint64_t>(turns + turns / 2 + 8, most_wanted_);
}

void RoundRobin::keep_all(std::span<const std::uint64_t> must_keep) {
  for (const std::uint64_t id : must_keep) {
    set_used(id);
    result_.ids.push_back(id);
    result_.distances.push_back(std::numeric_limits<double>::quiet_NaN());
    result_.targets.push_back(no_target);
  }
}

void RoundRobin::run(const PickProgress& progress) {
  std::size_t target = 0;
  while (!ledger_.is_full()) {
    const Match* const match = best(target);
    if (match == nullptr && !lists_[target].is_complete) {
      fill_lists(target);
      if (progress) progress(result_.ids.size());
      continue;
    }
    const bool first_phase = !ledger_.minima_met();
    if (match != nullptr) {
      if (!ledger_.take(match->label, match->tokens)) return;
      set_used(match->id);
      result_.ids.push_back(match->id);
      result_.distances.push_back(shown_distance(metric_, match->value));
      result_.targets.push_back(targets_.ids[target]);
      target = (target + 1) % lists_.size();
    } else if (first_phase) {
      ledger_.give_up_minima();
    } else {
      return;
    }
    if (first_phase && ledger_.minima_met()) forget_lists();
  }
}

/// The first of the target's list that is left, or none. Within a phase of quotas what is gone stays gone.
const Match* RoundRobin::best(std::size_t target) {
  List& list = lists_[target];
  while (list.next < list.matches.size() && is_gone(list.matches[list.next])) ++list.next;
  return list.next < list.matches.size() ? &list.matches[list.next] : nullptr;
}

bool RoundRobin::is_gone(const Match& match) const {
  return !ledger_.is_open(match.label) || used_.contains(match.id);
}

void RoundRobin::set_used(std::uint64_t id) {
  used_.insert(id);
  const auto at = std::lower_bound(pool_.ids().begin(), pool_.ids().end(), id);
  if (at != pool_.ids().end() && *at == id) row_used_[static_cast<std::size_t>(at - pool_.ids().begin())] = 1;
}

/// Other labels are open now.
void RoundRobin::forget_lists() {
  for (List& list : lists_) list = {{}, 0, list.wanted, false};
}

/// `target` and those whose turn is soon and whose lists are short: a pass for many costs little more than one for few.
std::vector<std::size_t> RoundRobin::lists_to_fill(std::size_t target) const {
  std::vector<std::size_t> chosen;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < lists_.size() && chosen.size() < most_lists_a_pass; ++i) {
    const std::size_t t = (target + i) % lists_.size();
    const List& list = lists_[t];
    if (i > 0 && (list.is_complete || !is_short(list))) continue;
    wanted += list.wanted;
    if (i > 0 && wanted > most_wanted_a_pass) break;
    chosen.push_back(t);
  }
  return chosen;
}

/// At most a quarter is left.
bool RoundRobin::is_short(const List& list) const {
  const std::size_t enough = list.wanted / 4 + 1;
  std::size_t left = 0;
  for (std::size_t i = list.next; i < list.matches.size() && left < enough; ++i)
    left += is_gone(list.matches[i]) ? 0 : 1;
  return left < enough;
}

/// Collective, two calls.
void RoundRobin::fill_lists(std::size_t target) {
  ++result_.passes;
  const auto chosen = lists_to_fill(target);
  for (const std::size_t t : chosen) {
    List& list = lists_[t];
    if (!list.matches.empty()) list.wanted = std::min(2 * list.wanted, most_wanted_);
  }
  const auto rows = rows_left();
  const auto rows_of_ranks = comm::all_gather(comm_, std::uint64_t{rows.size()});
  const auto mine = find_matches(chosen, rows);
  std::vector<std::uint64_t> bytes;
  for (const std::uint64_t count : rows_of_ranks) {
    std::uint64_t matches = 0;
    for (const std::size_t t : chosen) matches += std::min<std::uint64_t>(shown_of(lists_[t].wanted), count);
    bytes.push_back(matches * sizeof(Match));
  }
  std::vector<Match> all(std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0}) / sizeof(Match));
  comm_.all_gather_bytes(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(all)), bytes);

  std::vector<std::size_t> next(bytes.size(), 0);  // the place of each rank's next list
  for (std::size_t rank = 1; rank < next.size(); ++rank) next[rank] = next[rank - 1] + bytes[rank - 1] / sizeof(Match);
  for (const std::size_t t : chosen) {
    List& list = lists_[t];
    list = {{}, 0, list.wanted, true};
    const Match* limit = nullptr;  // what a rank has not shown comes behind
    for (std::size_t rank = 0; rank < next.size(); ++rank) {
      const std::size_t shown = std::min<std::uint64_t>(shown_of(list.wanted), rows_of_ranks[rank]);
      const auto part = std::span(all).subspan(next[rank], shown);
      next[rank] += shown;
      list.matches.insert(list.matches.end(), part.begin(), part.end());
      if (shown == rows_of_ranks[rank]) continue;
      list.is_complete = false;
      if (limit == nullptr || part.back().before(*limit)) limit = &part.back();
    }
    if (limit != nullptr) std::erase_if(list.matches, [&](const Match& match) { return limit->before(match); });
    std::sort(list.matches.begin(), list.matches.end(), [](const Match& a, const Match& b) { return a.before(b); });
    if (list.matches.size() <= list.wanted) continue;
    list.matches.resize(list.wanted);
    list.is_complete = false;
  }
}

std::vector<std::uint32_t> RoundRobin::rows_left() const {
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < row_used_.size(); ++row) {
    if (row_used_[row] == 0 && ledger_.is_open(charges_.label(row))) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

/// How many of its matches a rank shows, so that the messages stay small with many ranks: all that can be in the list
/// when there is one rank, four times its fair share when there are many.
std::size_t RoundRobin::shown_of(std::size_t wanted) const {
  constexpr std::size_t least = 8;
  const auto ranks = static_cast<std::size_t>(comm_.size());
  return std::min(wanted, std::max(4 * ((wanted + ranks - 1) / ranks), least));
}

/// What this rank shows, target by target.
std::vector<Match> RoundRobin::find_matches(std::span<const std::size_t> chosen,
                                            std::span<const std::uint32_t> rows) const {
  const std::size_t dimension = pool_.dimension();
  std::vector<float> vectors;
  std::vector<std::size_t> wanted;
  for (const std::size_t t : chosen) {
    const auto row = targets_.vectors.begin() + static_cast<std::ptrdiff_t>(t * dimension);
    vectors.insert(vectors.end(), row, row + static_cast<std::ptrdiff_t>(dimension));
    wanted.push_back(shown_of(lists_[t].wanted));
  }
  std::vector<Match> matches;
  for (const auto& nearest : nearest_rows(pool_, screening_, rows, {vectors, wanted})) {
    for (const NearRow& near : nearest) {
      matches.push_back({near.value, pool_.id(near.row), charges_.token_count(near.row), charges_.label(near.row)});
    }
  }
  return matches;
}

}  // namespace

TargetedResult choose_for_targets(comm::Communicator& comm, const Vectors& pool, const Vectors& targets,
                                  const Charges& charges, std::span<const std::uint64_t> must_keep, Metric metric,
                                  Ledger& ledger, const PickProgress& progress) {
  load_blas();
  agree_on_inputs(comm, pool, {});
  check_charges(comm, pool.size(), charges, ledger);
  check_targets(comm, pool, targets);
  const Targets all = gather_targets(comm, targets);
  take_must_keep(comm, pool.ids(), charges, must_keep, ledger);
  RoundRobin turns(comm, pool, all, charges, metric, ledger);
  turns.keep_all(must_keep);
  turns.run(progress);
  return std::move(turns).finish();
}

}  // namespace farpoint::select
