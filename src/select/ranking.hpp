// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/select/ranking.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <vector>

namespace farpoint::select {

/// A record of whichever rank, on its way through an order.
struct RankedRecord {
  static constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();

  std::uint64_t key = 0;
  std::uint64_t id = 0;
  std::uint64_t tokens = 0;
  std::uint32_t label = 0;
  std::uint32_t row = no_row;  ///< on its rank
  std::uint32_t rank = 0;

  bool before(const RankedRecord& other) const { return std::tie(key, id) < std::tie(other.key, other.id); }
};

/// Throws comm::AgreedError when, on any rank, charges do not fit the rows or the ledger. Collective, one call.
void check_charges(comm::Communicator& comm, std::size_t rows, const Charges& charges, const Ledger& ledger);

/// All ranks' records in ascending order of (key, id), block by block. No rank ever holds more than a block of the
/// others' records, and rows are sorted only as far as the walk comes.
class Ranking {
 public:
  /// Collective. `ids` ascending. Borrows everything.
  Ranking(comm::Communicator& comm, std::span<const std::uint64_t> ids, std::span<const std::uint64_t> keys,
          const Charges& charges);

  /// Over all ranks.
  std::uint64_t records() const { return records_; }

  /// The next records, about `count` of them, in order and without a gap but for those that were removed and those
  /// whose label is not open in `ledger`. The same on every rank. Empty when no such record is left. Collective, one
  /// call.
  std::vector<RankedRecord> next(std::size_t count, const Ledger& ledger);

  /// From the first record on again: for the second phase of quotas.
  void restart();

  /// It is not shown again. Every rank may name any record.
  void remove(const RankedRecord& record);
  void remove(std::span<const std::uint64_t> ids);

 private:
  struct Place {
    std::uint64_t key;
    std::uint32_t row;  ///< in the order of ids

    bool operator<(const Place& other) const { return std::tie(key, row) < std::tie(other.key, other.row); }
  };

  void sort_up_to(std::size_t count);
  void refill(std::size_t count, const Ledger& ledger);
  RankedRecord record_of(const Place& place) const;

  comm::Communicator& comm_;
  std::span<const std::uint64_t> ids_;
  Charges charges_;
  std::uint64_t records_ = 0;
  std::vector<Place> places_;  ///< of all rows of this rank; the first sorted_ in order and ahead of all others
  std::size_t sorted_ = 0;
  std::size_t begin_ = 0;       ///< places before it have been shown, or wait in pending_
  std::vector<Place> pending_;  ///< shown perhaps, but behind the last block
  std::vector<std::uint8_t> removed_;
};

}  // namespace farpoint::select
