// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::pipeline {

struct WorkItem {
  std::size_t item = 0;
  std::uint64_t cost = 0;
};

/// Shares out work: the costliest first, each to the rank that has least so far (Graham 1969, "Bounds on
/// multiprocessing timing anomalies": at most 4/3 of the best). Per rank its items in ascending order. The same answer
/// on every rank.
std::vector<std::vector<std::size_t>> assign(std::span<const WorkItem> work, int ranks);

/// How many ranks each job of a parallel group gets: at least one, the rest by share (largest remainder). They are
/// consecutive, in the order of the jobs. `ranks` is at least their number.
std::vector<int> ranks_by_share(std::span<const double> shares, int ranks);

}  // namespace farpoint::pipeline
