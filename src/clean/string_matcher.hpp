// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// Finds which of thousands of strings occur in a text, without regard to case (Unicode's simple case folding): Aho and
/// Corasick 1975, "Efficient string matching: an aid to bibliographic search", over the bytes of folded UTF-8. The
/// first states by depth, in which searches spend most of their time, know where every byte leads; the others follow
/// their failure links. Linear in the text, whatever the strings are; memory is a few dozen bytes for each byte of
/// theirs.
class StringMatcher {
 public:
  explicit StringMatcher(const std::vector<std::string>& strings);

  /// The indices of those that occur in `utf8`, each once, in the order in which they end. Thread-safe.
  std::vector<int> occurring(std::string_view utf8) const;

 private:
  using StateId = std::uint32_t;
  static constexpr StateId root = 0;
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  struct State {
    StateId failure = root;       ///< the longest proper suffix that is a state
    std::uint32_t first = 0;      ///< of its edges
    std::uint32_t edges = 0;      ///< how many
    std::uint32_t string = none;  ///< that ends here, or else the longest suffix that does
  };
  struct Edge {
    std::uint8_t symbol = 0;
    StateId to = root;
  };

  class Build;
  StateId child(StateId state, std::uint8_t symbol) const;
  StateId next(StateId state, std::uint8_t symbol) const {
    return state < complete_ ? rows_[state * symbols_ + symbol] : next_by_failure(state, symbol);
  }
  StateId next_by_failure(StateId state, std::uint8_t symbol) const;
  void report(StateId state, std::vector<bool>& seen, std::vector<int>& found) const;

  /// Bytes of the strings, numbered; all other bytes are symbol 0.
  std::array<std::uint8_t, 256> symbol_{};
  std::size_t symbols_ = 1;
  std::size_t complete_ = 0;   ///< states before this one are complete
  std::vector<StateId> rows_;  ///< [complete_][symbols_]
  std::vector<bool> ends_;     ///< by state: whether a string ends there
  std::vector<State> states_;  ///< by depth
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> shorter_;     ///< by string: the longest other one that is a suffix of it, or none
  std::vector<std::vector<int>> indices_;  ///< by string, as equal ones after folding are one here
};

}  // namespace farpoint::clean
