// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::select {

/// What is known of the values of one group. A group without values has NaN everywhere but in `count`.
struct GroupStatistics {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  std::uint64_t count = 0;
  double mean = none;  ///< the exact sum, rounded once, divided by the count; NaN also where infinities cancel
  double min = none;
  double max = none;
  std::vector<double> quantiles;  ///< as they were asked for
};

/// Exact statistics, by group, of values that lie on all ranks: the same bits in any order and split, because sums are
/// kept in integers that hold every float64 exactly, and order statistics are found by counting.
///
/// The quantile q is the smallest value that at least q of the values do not exceed, numpy's "inverted_cdf": the value
/// of rank ceil(q * count), the product in float64, from 1; the smallest for q = 0. So it is one of the values, and
/// "p95 <= r" says the same as "95 % of the values are at most r".
///
/// `values` are this rank's, infinities allowed. `groups[i]` < `group_count` is the group of values[i]; empty: all are
/// of group 0. `group_count` and `quantiles` are the same on every rank. Throws UsageError for a quantile outside 0 to
/// 1, comm::AgreedError for NaN and for groups that are not there.
///
/// Collective. Two calls; one for each 16 bits by which the values of a group differ (8 bits at 1000 groups and
/// quantiles), of up to 2 MiB (64 bytes a group and quantile, if that is more), until 4096 values are left to look at;
/// two for those, which every rank gets. Memory a rank: O(groups * (550 + 100 * quantiles)) bytes.
std::vector<GroupStatistics> group_statistics(comm::Communicator& comm, std::span<const double> values,
                                              std::span<const std::uint32_t> groups, std::size_t group_count,
                                              std::span<const double> quantiles);

}  // namespace farpoint::select
