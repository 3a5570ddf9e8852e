// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/quantiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "exact_sum.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/ordered_bits.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::select {

namespace {

/// This rank's values, by group.
struct Values {
  std::span<const double> values;
  std::span<const std::uint32_t> groups;

  std::size_t size() const { return values.size(); }
  std::size_t group(std::size_t i) const { return groups.empty() ? 0 : groups[i]; }
};

/// One group in what the ranks add up. All numbers are integers.
struct Totals {
  ExactSum sum;  ///< of the finite values
  std::int64_t count = 0;
  std::int64_t plus_infinities = 0;
  std::int64_t minus_infinities = 0;
  std::int64_t faults = 0;  ///< NaN, and in group 0 also what has no group

  void add(double value) {
    ++count;
    if (std::isfinite(value)) {
      sum.add(value);
    } else {
      ++(std::isnan(value) ? faults : value > 0 ? plus_infinities : minus_infinities);
    }
  }

  double mean() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (count == 0 || (plus_infinities > 0 && minus_infinities > 0)) return GroupStatistics::none;
    if (plus_infinities > 0) return infinity;
    if (minus_infinities > 0) return -infinity;
    return sum.mean(static_cast<std::uint64_t>(count));
  }
};

std::vector<Totals> add_up(comm::Communicator& comm, const Values& mine, std::size_t group_count) {
  std::vector<Totals> totals(std::max<std::size_t>(group_count, 1));
  const bool sizes_differ = !mine.groups.empty() && mine.groups.size() != mine.size();
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (sizes_differ || mine.group(i) >= group_count) {
      ++totals.front().faults;
      continue;
    }
    totals[mine.group(i)].add(mine.values[i]);
    if ((i + 1) % ExactSum::most_added != 0) continue;
    for (Totals& group : totals) group.sum.carry();
  }
  for (Totals& group : totals) group.sum.carry();
  constexpr std::size_t numbers = sizeof(Totals) / sizeof(std::int64_t);
  static_assert(sizeof(Totals) == (ExactSum::size + 4) * sizeof(std::int64_t));
  comm::all_reduce(comm, std::span(reinterpret_cast<std::int64_t*>(totals.data()), numbers * totals.size()),
                   comm::Reduction::sum);
  std::int64_t faults = 0;
  for (const Totals& group : totals) faults += group.faults;
  if (faults != 0) {
    throw comm::AgreedError(
        fmt::format("statistics of {} value{} cannot be made: NaN, or of no group", faults, faults == 1 ? "" : "s"));
  }
  totals.resize(group_count);
  return totals;
}

/// The least and the greatest ordered bits of a group. Both become greater where there are fewer values, so that one
/// reduction finds both.
struct Ends {
  std::uint64_t low = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t high_inverted = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t high() const { return ~high_inverted; }
};

std::vector<Ends> find_ends(comm::Communicator& comm, const Values& mine, std::size_t group_count) {
  std::vector<Ends> ends(group_count);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    Ends& group = ends[mine.group(i)];
    const std::uint64_t bits = ordered_bits(mine.values[i]);
    group.low = std::min(group.low, bits);
    group.high_inverted = std::min(group.high_inverted, ~bits);
  }
  static_assert(sizeof(Ends) == 2 * sizeof(std::uint64_t));
  comm::all_reduce(comm, std::span(reinterpret_cast<std::uint64_t*>(ends.data()), 2 * ends.size()),
                   comm::Reduction::min);
  return ends;
}

/// An order statistic that is being looked for: the value of rank `rank` (from 0) among the group's values whose
/// ordered bits are `low` to `high`.
struct Target {
  std::size_t group = 0;
  std::size_t quantile = 0;
  std::uint64_t rank = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t values = 0;  ///< so many of them
  bool is_found() const { return low == high; }
};

/// One round of the search: the values in the targets' intervals are counted by the next few of their bits. When they
/// are few, all ranks get them instead: then the search is over.
class Round {
 public:
  explicit Round(std::span<const Target> targets, std::size_t group_count) : first_(group_count + 1, 0) {
    for (const Target& target : targets) {
      if (target.is_found()) continue;
      // Those of the same group and interval are neighbours, as ranks ascend within a group.
      const bool is_new =
          intervals_.empty() || intervals_.back().group != target.group || intervals_.back().low != target.low;
      if (!is_new) continue;
      intervals_.push_back({target.group, target.low, target.high - target.low});
      values_ += target.values;
    }
    const std::size_t share = most_counters / std::max<std::size_t>(intervals_.size(), 1);
    bits_ = std::clamp(static_cast<int>(std::bit_width(share)) - 1, 3, 16);
    for (Interval& interval : intervals_) {
      interval.shift = std::max(0, static_cast<int>(std::bit_width(interval.width)) - bits_);
      ++first_[interval.group + 1];
    }
    for (std::size_t group = 0; group < group_count; ++group) first_[group + 1] += first_[group];
  }

  bool empty() const { return intervals_.empty(); }
  bool has_few_values() const { return values_ <= few_values; }

  void count(comm::Communicator& comm, const Values& mine) {
    counts_.assign(intervals_.size() << bits_, 0);
    for_each_value(mine, [&](std::size_t at, std::uint64_t offset) {
      ++counts_[(at << bits_) + (offset >> intervals_[at].shift)];
    });
    comm::all_reduce(comm, std::span(counts_), comm::Reduction::sum);
  }

  /// Makes the target's interval the part of it that holds the value.
  void narrow(Target& target) const {
    const std::size_t at = interval_of(target);
    std::uint64_t part = 0;
    while (target.rank >= counts_[(at << bits_) + part]) target.rank -= counts_[(at << bits_) + part++];
    const int shift = intervals_[at].shift;
    target.low += part << shift;
    target.high = std::min(target.high, target.low + ((std::uint64_t{1} << shift) - 1));
    target.values = counts_[(at << bits_) + part];
  }

  void gather(comm::Communicator& comm, const Values& mine) {
    std::vector<Found> found;
    for_each_value(mine, [&](std::size_t at, std::uint64_t offset) { found.push_back({at, offset}); });
    found_ = comm::all_gather(comm, std::span<const Found>(found)).data;
    std::sort(found_.begin(), found_.end());
  }

  /// After gather().
  void pick(Target& target) const {
    const auto first = std::lower_bound(found_.begin(), found_.end(), Found{interval_of(target), 0});
    target.low += first[static_cast<std::ptrdiff_t>(target.rank)].offset;
    target.high = target.low;
  }

 private:
  static constexpr std::size_t most_counters = std::size_t{1} << 18;
  static constexpr std::uint64_t few_values = 4096;

  struct Interval {
    std::size_t group = 0;
    std::uint64_t low = 0;
    std::uint64_t width = 0;
    int shift = 0;  ///< of an offset from `low`, to the number of its counter
  };

  struct Found {
    std::uint64_t interval = 0;
    std::uint64_t offset = 0;
    auto operator<=>(const Found&) const = default;
  };

  std::size_t interval_of(const Target& target) const {
    std::size_t at = first_[target.group];
    while (intervals_[at].low != target.low) ++at;
    return at;
  }

  /// Calls visit(interval, offset from its low) for this rank's values in the intervals.
  template <typename Visit>
  void for_each_value(const Values& mine, const Visit& visit) const {
    for (std::size_t i = 0; i < mine.size(); ++i) {
      const std::uint64_t bits = ordered_bits(mine.values[i]);
      for (std::size_t at = first_[mine.group(i)]; at < first_[mine.group(i) + 1]; ++at) {
        const std::uint64_t offset = bits - intervals_[at].low;  // huge for what lies below
        if (offset <= intervals_[at].width) visit(at, offset);
      }
    }
  }

  std::vector<Interval> intervals_;  ///< by group, ascending
  std::vector<std::size_t> first_;   ///< of a group
  int bits_ = 0;
  std::uint64_t values_ = 0;           ///< in all intervals, over all ranks
  std::vector<std::uint64_t> counts_;  ///< [interval, 2^bits]
  std::vector<Found> found_;           ///< all ranks'
};

/// By group, and there by rank.
std::vector<Target> make_targets(std::span<const Totals> totals, std::span<const Ends> ends,
                                 std::span<const double> quantiles) {
  std::vector<Target> targets;
  for (std::size_t group = 0; group < totals.size(); ++group) {
    if (totals[group].count == 0) continue;
    for (std::size_t q = 0; q < quantiles.size(); ++q) {
      const auto count = static_cast<std::uint64_t>(totals[group].count);
      const double rank = std::ceil(quantiles[q] * static_cast<double>(count));
      const std::uint64_t from_one = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
      targets.push_back({group, q, from_one - 1, ends[group].low, ends[group].high(), count});
    }
  }
  std::stable_sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
    return a.group != b.group ? a.group < b.group : a.rank < b.rank;
  });
  return targets;
}

void find(comm::Communicator& comm, const Values& mine, std::span<Target> targets, std::size_t group_count) {
  while (true) {
    Round round(targets, group_count);
    if (round.empty()) return;
    if (round.has_few_values())
      round.gather(comm, mine);
    else
      round.count(comm, mine);
    for (Target& target : targets) {
      if (target.is_found()) continue;
      if (round.has_few_values())
        round.pick(target);
      else
        round.narrow(target);
    }
  }
}

}  // namespace

std::vector<GroupStatistics> group_statistics(comm::Communicator& comm, std::span<const double> values,
                                              std::span<const std::uint32_t> groups, std::size_t group_count,
                                              std::span<const double> quantiles) {
  for (const double q : quantiles) {
    if (!(q >= 0 && q <= 1)) throw UsageError(fmt::format("a quantile lies between 0 and 1, not at {}", q));
  }
  const Values mine{values, groups};
  const auto totals = add_up(comm, mine, group_count);
  const auto ends = find_ends(comm, mine, group_count);
  auto targets = make_targets(totals, ends, quantiles);
  find(comm, mine, targets, group_count);
  std::vector<GroupStatistics> statistics(group_count);
  for (std::size_t group = 0; group < group_count; ++group) {
    statistics[group].quantiles.assign(quantiles.size(), GroupStatistics::none);
    if (totals[group].count == 0) continue;
    statistics[group].count = static_cast<std::uint64_t>(totals[group].count);
    statistics[group].mean = totals[group].mean();
    statistics[group].min = from_ordered_bits(ends[group].low);
    statistics[group].max = from_ordered_bits(ends[group].high());
  }
  for (const Target& target : targets) {
    statistics[target.group].quantiles[target.quantile] = from_ordered_bits(target.low);
  }
  return statistics;
}

}  // namespace farpoint::select
