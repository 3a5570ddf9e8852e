// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace farpoint::select {

/// How much may be chosen.
struct Limits {
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
  struct OfLabel {
    std::uint64_t least = 0;  ///< filled first, in the method's order
    std::uint64_t most = no_limit;
  };

  std::uint64_t records = no_limit;
  std::uint64_t tokens = no_limit;   ///< the first record that does not fit ends the selection
  std::vector<OfLabel> labels = {};  ///< by label; empty: no quotas
};

/// What a choice is charged with, by this rank's rows. Borrowed. An empty span: all rows have label 0, or no tokens.
struct Charges {
  std::span<const std::uint32_t> labels;  ///< below Limits::labels.size()
  std::span<const std::uint64_t> tokens;

  std::uint32_t label(std::size_t row) const { return labels.empty() ? 0 : labels[row]; }
  std::uint64_t token_count(std::size_t row) const { return tokens.empty() ? 0 : tokens[row]; }
};

/// Keeps the books of one selection; every rank makes the same entries. A method offers records in its order: one whose
/// label is not open is passed over. Quotas come in two phases: until minima_met() only labels below their least are
/// open, afterwards all that are below their most. Records passed over in the first phase may be offered again in the
/// second.
class Ledger {
 public:
  explicit Ledger(Limits limits);

  /// Nothing more can be taken: the records are spent, every label has its most, or a record did not fit into the
  /// tokens.
  bool is_full() const { return full_; }
  bool is_open(std::uint32_t label) const;
  /// Whether the first phase is over. It ends by itself when every label has its least.
  bool minima_met() const { return unmet_ == 0; }
  /// For when the records of a label run out before it has its least.
  void give_up_minima();
  /// Takes a record of an open label and returns true; false, and full from now on, when its tokens do not fit.
  bool take(std::uint32_t label, std::uint64_t tokens);
  /// Takes a record that must be kept, whatever the limits say of it; it counts like any other.
  void take_anyway(std::uint32_t label, std::uint64_t tokens);

  std::uint64_t records() const { return records_; }
  std::uint64_t tokens() const { return tokens_; }
  std::uint64_t records_of(std::uint32_t label) const { return limits_.labels.empty() ? records_ : of_label_[label]; }
  const Limits& limits() const { return limits_; }

 private:
  void enter(std::uint32_t label, std::uint64_t tokens);

  Limits limits_;
  std::vector<std::uint64_t> of_label_;
  std::uint64_t unmet_ = 0;       ///< labels below their least
  std::uint64_t below_most_ = 0;  ///< labels below their most
  std::uint64_t records_ = 0;
  std::uint64_t tokens_ = 0;
  bool full_ = false;
};

}  // namespace farpoint::select
