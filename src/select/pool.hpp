// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "row_bounds.hpp"

namespace farpoint::select {

/// The candidates of one pass, the same on every rank: exact values, vectors, and the best of what was left out.
class Pool {
 public:
  /// Collective; two calls. The first `size` rows of all ranks in the order of choice by their bounds (with very many
  /// ranks and an uneven spread: nearly the first), made exact by their owners.
  Pool(comm::Communicator& comm, RowBounds& rows, const Screening& screening, std::size_t dimension, std::size_t size);

  bool empty() const { return keys_.empty(); }

  /// The place of the first candidate in the order of choice. Chosen ones come last.
  std::size_t best() const;
  const Key& key(std::size_t place) const { return keys_[place]; }
  std::span<const float> vector(std::size_t place) const;

  /// True when the candidate comes before everything that was left out: then it is the right choice, because values
  /// of rows that were left out are at most their bounds.
  bool is_certified(std::size_t place) const { return !is_chosen(place) && keys_[place].before(left_out_); }

  void set_chosen(std::size_t place);
  /// Lowers the values of all candidates by the one at `place`, which is a new centre.
  void apply(std::size_t place);

  /// Gives what was found here back to the rows of this rank. All centres must be in the pool's values.
  void settle(RowBounds& rows) const;

 private:
  bool is_chosen(std::size_t place) const;
  /// One collective call: every rank's best keys. Sets left_out_; the number of candidates each rank provides.
  std::vector<std::uint64_t> agree(comm::Communicator& comm, std::size_t size);
  void exchange(comm::Communicator& comm, const RowBounds& rows, std::span<const std::uint64_t> counts);
  void unpack(std::span<const std::byte> message);

  const Screening& screening_;
  std::size_t dimension_;
  std::vector<Candidate> own_;  ///< this rank's candidates
  std::size_t own_begin_ = 0;   ///< the place of the first of them
  std::vector<Key> keys_;
  std::vector<float> vectors_;
  std::vector<float> norms_;
  std::vector<float> products_;  ///< room for those with one centre
  Key left_out_;
};

}  // namespace farpoint::select
