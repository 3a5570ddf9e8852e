// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/neighbours.hpp"

namespace farpoint::select {

/// The canonical value of each query's k-th neighbour: how empty its surroundings are (Ramaswamy et al. 2000). +inf
/// where it has fewer than k.
std::vector<double> kth_neighbour_values(const Neighbours& neighbours);

/// Flags the `fraction` of all ranks' rows with the largest values: exactly floor(fraction * rows) of them (rounding
/// errors of the product aside); of equal values at the border those with the higher ids. `ids` and `values` are this
/// rank's, in any order. Collective: 17 calls of up to 2 kB, whatever the number of rows; memory O(1) beside the
/// flags. Throws UsageError for a fraction outside [0, 1], comm::AgreedError for a value that is not a number.
std::vector<std::uint8_t> farthest_fraction(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                            std::span<const double> values, double fraction);

}  // namespace farpoint::select
