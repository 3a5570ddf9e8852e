// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/k_center.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// Which chosen record stands for each record, and how near it is.
struct Assignment {
  // this rank's rows
  std::vector<std::uint64_t> representatives;  ///< id of the nearest chosen record, its own if it is chosen, the lowest
                                               ///< of equally near ones; curated_representative where a curated vector
                                               ///< is nearer than all chosen ones, and where nothing is chosen
  std::vector<double> values;  ///< canonical value of the row and what represents it; 0 for a chosen record, +inf
                               ///< where there is nothing. Under cosine copies may be a few 1e-8 to either side of 0
  // the same on every rank, in order of choice
  std::vector<std::uint64_t> weights;  ///< how many records each chosen one represents, itself included
};

/// Finds each record's nearest chosen one, whatever method chose: exactly, by canonical values. `chosen` are ids of the
/// pool's records, the same on every rank, each on whichever rank; `curated` [any, dimension] is this rank's part of
/// the vectors that count as chosen too.
///
/// Collective. Cost: one product of all records with all chosen ones, n * k * d / ranks multiply-adds in single
/// precision at matrix-product speed, and one canonical evaluation a record. Memory a rank: 16 bytes a row, and all
/// chosen vectors twice. Throws comm::AgreedError for vectors that cannot be used (as k_center()), and for chosen ids
/// that no rank has or that are there twice.
Assignment assign_to_chosen(comm::Communicator& comm, Metric metric, const Vectors& pool,
                            std::span<const std::uint64_t> chosen, std::span<const float> curated = {});

/// A record, and the position in the order of choice of the record that represents it.
struct Member {
  std::uint64_t position = 0;
  std::uint64_t id = 0;
  auto operator<=>(const Member&) const = default;
};

/// The reverse of an assignment: calls `visit` on rank 0 with all ranks' members, by position and then by id, in blocks
/// of at most `block` members. Where those of position p begin is the sum of the weights before it. Records that a
/// curated vector represents are nobody's members and are left out.
///
/// Collective. `ids` and `representatives` are of this rank's rows, in any order. At most `block` members (one
/// of each rank, if that is more) are on rank 0 at any time; each rank sorts its own, 16 bytes each. Calls: three a
/// block; blocks are full when the members are spread evenly over the ranks, and at worst hold block / ranks. Throws
/// Error on one rank alone for a representative that is not chosen; what `visit` throws passes through rank 0 alone,
/// too.
void for_each_member_block(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                           std::span<const std::uint64_t> representatives, std::span<const std::uint64_t> chosen,
                           std::size_t block, const std::function<void(std::span<const Member>)>& visit);

}  // namespace farpoint::select
