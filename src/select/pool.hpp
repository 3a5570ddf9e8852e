// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"
#include "row_bounds.hpp"

namespace farpoint::select {

/// The candidates of one pass, the same on every rank: exact values, vectors, and the best of what was left out.
class Pool {
 public:
  static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

  /// Each rank's first `share` rows in the order of choice by their bounds, made exact. Collective; one call.
  static Pool of_first(comm::Communicator& comm, RowBounds& rows, const Screening& screening, std::size_t share,
                       KCenterCosts& costs);
  /// The rows of these ids, wherever they are, in the order of `ids`; nothing counts as left out. They are made exact
  /// unless all of them are chosen anyway. Collective; two calls. Throws comm::AgreedError when an id is missing.
  static Pool of_ids(comm::Communicator& comm, RowBounds& rows, const Screening& screening,
                     std::span<const std::uint64_t> ids, bool make_exact, KCenterCosts& costs);

  std::size_t size() const { return members_.size(); }

  /// The first candidate in the order of choice that is not chosen; `nobody` when there is none. With a ledger that is
  /// not full: whose label is open.
  std::size_t best(const Ledger* ledger = nullptr) const;
  Key key(std::size_t place) const { return members_[place].key(); }
  std::span<const float> vector(std::size_t place) const;
  std::uint32_t label(std::size_t place) const { return members_[place].label; }
  std::uint64_t tokens(std::size_t place) const { return members_[place].tokens; }

  /// True when the candidate comes before everything that was left out: then it is the right choice, because values
  /// of rows that were left out are at most their bounds.
  bool is_certified(std::size_t place) const { return key(place).before(left_out_); }

  void set_chosen(std::size_t place);
  /// Lowers the values of the candidates by the one at `place`, which is a new centre, the last of `centres`. Those
  /// that fall behind what was left out cannot be chosen any more and are left alone from then on.
  void apply(std::size_t place, std::size_t centres);

  /// Gives what was found here back to the rows of this rank.
  void settle(RowBounds& rows) const;

 private:
  /// A candidate as it travels, followed by its vector.
  struct Member {
    double value = 0;  ///< D, canonical
    double weight = 1;
    std::uint64_t id = 0;
    std::uint64_t tokens = 0;
    std::uint32_t label = 0;
    std::uint32_t centres = 0;  ///< as many are in the value
    Key key() const { return {weight * value, id}; }
  };

  Pool(const Screening& screening, std::size_t dimension) : screening_(screening), dimension_(dimension) {}
  std::size_t member_bytes() const { return sizeof(Member) + dimension_ * sizeof(float); }
  /// This rank's candidates as bytes, with room for `header` bytes before and `share` candidates in all.
  std::vector<std::byte> pack(const RowBounds& rows, std::size_t header, std::size_t share) const;
  void reserve(std::size_t members);
  void unpack(std::span<const std::byte> message);
  /// When all members are there.
  void prepare();

  const Screening& screening_;
  std::size_t dimension_;
  std::vector<Candidate> own_;           ///< this rank's candidates
  std::vector<std::size_t> own_places_;  ///< and their places
  std::vector<Member> members_;
  std::vector<std::uint8_t> is_chosen_;
  std::vector<std::size_t> active_;  ///< places of those that may be chosen
  std::vector<float> vectors_;
  std::vector<float> norms_;
  std::vector<float> products_;     ///< room for those with one centre
  std::vector<const float*> rows_;  ///< room for pointers to the active ones' vectors
  std::vector<std::size_t> near_;   ///< room for those that may have come nearer to it
  Key left_out_;
};

}  // namespace farpoint::select
