// SPDX-License-Identifier: Apache-2.0
#include "ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/ordered_bits.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "must_keep.hpp"

namespace farpoint::select {

namespace {

// Blocks begin at what is wanted, so that one is usually enough, and grow where quotas pass many records over.
constexpr std::uint64_t least_block = 1024;
constexpr std::uint64_t most_first_block = std::uint64_t{1} << 16;
constexpr std::uint64_t most_block = std::uint64_t{1} << 18;

/// How many of its records a rank shows for a block of `count`. A fair share and four deviations of it suffice where
/// records are spread at random; where they are not, the block is smaller, and nothing else happens.
std::size_t shown_records(std::size_t count, std::size_t ranks) {
  if (ranks == 1) return count;
  const std::size_t share = (count + ranks - 1) / ranks;
  return std::min(count, share + 4 * static_cast<std::size_t>(std::sqrt(static_cast<double>(share))) + 16);
}

}  // namespace

std::uint64_t descending_key(double value) {
  return std::isnan(value) ? std::numeric_limits<std::uint64_t>::max() : ~ordered_bits(value);
}

std::vector<std::uint64_t> descending_keys(std::span<const double> values) {
  std::vector<std::uint64_t> keys(values.size());
  std::transform(values.begin(), values.end(), keys.begin(), descending_key);
  return keys;
}

void check_charges(comm::Communicator& comm, std::size_t rows, const Charges& charges, const Ledger& ledger) {
  comm::agree(comm, [&] {
    const auto check_size = [&](const char* what, std::size_t size) {
      if (size != 0 && size != rows) throw Error(fmt::format("there are {} {} for {} records", size, what, rows));
    };
    check_size("labels", charges.labels.size());
    check_size("numbers of tokens", charges.tokens.size());
    const std::size_t known = ledger.limits().labels.size();
    if (known == 0 || rows == 0) return;
    const std::uint32_t highest =
        charges.labels.empty() ? 0 : *std::max_element(charges.labels.begin(), charges.labels.end());
    if (highest >= known) throw Error(fmt::format("a record has label {}, but quotas know only {}", highest, known));
  });
}

Ranking::Ranking(comm::Communicator& comm, std::span<const std::uint64_t> ids, std::span<const std::uint64_t> keys,
                 const Charges& charges)
    : comm_(comm), ids_(ids), charges_(charges), places_(ids.size()), removed_(ids.size(), 0) {
  comm::agree(comm, [&] {
    if (keys.size() != ids.size()) throw Error(fmt::format("there are {} keys for {} ids", keys.size(), ids.size()));
    if (ids.size() >= RankedRecord::no_row) {
      throw Error(fmt::format("{} records are too many for one rank; use more ranks", ids.size()));
    }
  });
  for (std::size_t row = 0; row < places_.size(); ++row) places_[row] = {keys[row], static_cast<std::uint32_t>(row)};
  records_ = comm::all_reduce(comm, std::uint64_t{ids.size()}, comm::Reduction::sum);
}

std::vector<RankedRecord> Ranking::next(std::size_t count, const Ledger& ledger) {
  const auto ranks = static_cast<std::size_t>(comm_.size());
  count = std::max<std::uint64_t>(std::min<std::uint64_t>(count, records_), 1);
  const std::size_t shown = shown_records(count, ranks);
  // One more than are shown: the first that is not.
  refill(shown + 1, ledger);
  std::vector<RankedRecord> mine(shown + 1);
  const auto some = std::span(pending_).first(std::min(pending_.size(), mine.size()));
  std::transform(some.begin(), some.end(), mine.begin(), [&](const Place& place) { return record_of(place); });
  std::vector<RankedRecord> all(ranks * mine.size());
  comm_.all_gather_bytes(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(all)),
                         std::vector<std::uint64_t>(ranks, mine.size() * sizeof(RankedRecord)));

  const RankedRecord* limit = nullptr;  // the first record of all that are not shown
  for (std::size_t i = shown; i < all.size(); i += shown + 1) {
    if (all[i].row != RankedRecord::no_row && (limit == nullptr || all[i].before(*limit))) limit = &all[i];
  }
  std::vector<RankedRecord> block;
  std::size_t own = 0;
  for (const RankedRecord& record : all) {
    if (record.row == RankedRecord::no_row || (limit != nullptr && !record.before(*limit))) continue;
    block.push_back(record);
    if (record.rank == static_cast<std::uint32_t>(comm_.rank())) ++own;
  }
  std::sort(block.begin(), block.end(), [](const auto& a, const auto& b) { return a.before(b); });
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(own));
  return block;
}

/// Brings pending_ to `count` places at least, or fewer at the end.
void Ranking::refill(std::size_t count, const Ledger& ledger) {
  const auto is_out = [&](const Place& place) {
    return removed_[place.row] != 0 || !ledger.is_open(charges_.label(place.row));
  };
  std::erase_if(pending_, is_out);
  for (; pending_.size() < count && begin_ < places_.size(); ++begin_) {
    sort_up_to(begin_ + 1);
    if (!is_out(places_[begin_])) pending_.push_back(places_[begin_]);
  }
}

void Ranking::sort_up_to(std::size_t count) {
  constexpr std::size_t least = 4096;
  if (count <= sorted_) return;
  const std::size_t end = std::min(places_.size(), std::max({count, 2 * sorted_, least}));
  const auto first = places_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  const auto last = places_.begin() + static_cast<std::ptrdiff_t>(end);
  if (last != places_.end()) std::nth_element(first, last, places_.end());
  std::sort(first, last);
  sorted_ = end;
}

RankedRecord Ranking::record_of(const Place& place) const {
  return {place.key,
          ids_[place.row],
          charges_.token_count(place.row),
          charges_.label(place.row),
          place.row,
          static_cast<std::uint32_t>(comm_.rank())};
}

void Ranking::restart() {
  begin_ = 0;
  pending_.clear();
}

void Ranking::remove(const RankedRecord& record) {
  if (record.rank == static_cast<std::uint32_t>(comm_.rank())) removed_[record.row] = 1;
}

void Ranking::remove(std::span<const std::uint64_t> ids) {
  for (const std::uint64_t id : ids) {
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (at != ids_.end() && *at == id) removed_[static_cast<std::size_t>(at - ids_.begin())] = 1;
  }
}

std::vector<std::uint64_t> choose_in_order(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                           std::span<const std::uint64_t> keys, const Charges& charges,
                                           std::span<const std::uint64_t> must_keep, Ledger& ledger) {
  check_charges(comm, ids.size(), charges, ledger);
  Ranking ranking(comm, ids, keys, charges);
  take_must_keep(comm, ids, charges, must_keep, ledger);
  ranking.remove(must_keep);
  std::vector<std::uint64_t> chosen(must_keep.begin(), must_keep.end());
  const std::uint64_t wanted = ledger.limits().records - std::min(ledger.records(), ledger.limits().records);
  std::uint64_t count = std::clamp(wanted, least_block, most_first_block);
  while (!ledger.is_full()) {
    const auto block = ranking.next(count, ledger);
    const bool first_phase = !ledger.minima_met();
    for (const RankedRecord& record : block) {
      if (!ledger.is_open(record.label)) continue;
      if (!ledger.take(record.label, record.tokens)) break;
      chosen.push_back(record.id);
      ranking.remove(record);
      if (first_phase && ledger.minima_met()) break;
    }
    if (block.empty() && !first_phase) break;
    if (block.empty()) ledger.give_up_minima();
    if (first_phase && ledger.minima_met()) ranking.restart();
    count = std::min(2 * count, most_block);
  }
  return chosen;
}

std::vector<std::uint64_t> choose_largest(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                          std::span<const double> values, const Charges& charges,
                                          std::span<const std::uint64_t> must_keep, Ledger& ledger) {
  return choose_in_order(comm, ids, descending_keys(values), charges, must_keep, ledger);
}

}  // namespace farpoint::select
