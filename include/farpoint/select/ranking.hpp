// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"

namespace farpoint::select {

/// The place of a value in descending order as a number, the smaller first: the largest value has the smallest, NaN
/// the largest of all; equal values have the same, -0 and 0 included.
std::uint64_t descending_key(double value);
std::vector<std::uint64_t> descending_keys(std::span<const double> values);

/// Takes records in ascending order of their keys, the lowest id on ties, until the ledger is full or no record of an
/// open label is left. Records below a label's minimum come first (budget.hpp), the others in a second walk. Returns
/// the ids in order of choice, the same on every rank: `must_keep` first, in its order, then the others. The result
/// does not depend on how the records lie on ranks.
///
/// `ids`, ascending, and `keys` are of this rank's rows, `charges` too. Collective; about log(k) + k / 250,000 calls
/// for k records that are taken, one block of records a call. Time O(n log k) a rank and O(k log k) on every rank;
/// memory 17 bytes a row and O(k) a rank. Throws comm::AgreedError when sizes do not fit each other, a label is
/// unknown to the ledger, or a record of `must_keep` is nowhere.
std::vector<std::uint64_t> choose_in_order(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                           std::span<const std::uint64_t> keys, const Charges& charges,
                                           std::span<const std::uint64_t> must_keep, Ledger& ledger);

/// The same in descending order of `values`, NaN last.
std::vector<std::uint64_t> choose_largest(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                          std::span<const double> values, const Charges& charges,
                                          std::span<const std::uint64_t> must_keep, Ledger& ledger);

}  // namespace farpoint::select
