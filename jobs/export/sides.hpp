// SPDX-License-Identifier: Apache-2.0
// jobs/export/sides.hpp: which part of a split each record goes to, once clusters and strata are known.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::jobs {

/// How many records of each stratum each part is to have: [part][stratum]. A part has as many of all strata together
/// as its share says, rounded; each stratum's number is its exact share rounded down or up, up where the most was cut
/// off (largest remainder), ties to the lower stratum. `shares` of the parts beside train, in order; their sum is below
/// 1.
std::vector<std::vector<std::uint64_t>> part_sizes(std::span<const std::uint64_t> stratum_sizes,
                                                   std::span<const double> shares);

struct SplitRecords {
  std::vector<std::uint64_t> cluster;  ///< of each record: the number of any record of its cluster, the same for all
  std::vector<std::uint64_t> key;      ///< of each record, the same in a cluster: the random order of clusters
  std::vector<std::uint32_t> stratum;  ///< of each record, from 0
};

/// The part of each record: 0 for train, k for the k-th of `shares`. Clusters are taken in the order of their keys and
/// stay whole. Where they allow it, the numbers are those of part_sizes(); else a part's size comes first, its strata
/// second, and it misses its size by less than half the smallest cluster that would have been left to take.
std::vector<std::uint8_t> choose_parts(const SplitRecords& records, std::span<const double> shares);

}  // namespace farpoint::jobs
