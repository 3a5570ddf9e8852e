// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "farpoint/base/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::dedup {

/// How the values of a test are spread over the ranks.
enum class Deal { in_turn, blocks, at_random, last_rank_only, none_on_even_ranks };

inline std::vector<Deal> all_deals() {
  return {Deal::in_turn, Deal::blocks, Deal::at_random, Deal::last_rank_only, Deal::none_on_even_ranks};
}

inline std::size_t rank_of(std::size_t i, std::size_t count, Deal deal) {
  const auto ranks = static_cast<std::size_t>(world().size());
  if (deal == Deal::in_turn) return i % ranks;
  if (deal == Deal::blocks) return i * ranks / count;
  if (deal == Deal::at_random) return random_bits(77, 0, i) % ranks;
  if (deal == Deal::none_on_even_ranks && ranks > 1) return 1 + 2 * (i % (ranks / 2));
  return ranks - 1;
}

template <typename T>
std::vector<T> dealt_to_me(const std::vector<T>& all, Deal deal) {
  std::vector<T> mine;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (rank_of(i, all.size(), deal) == static_cast<std::size_t>(world().rank())) mine.push_back(all[i]);
  }
  return mine;
}

}  // namespace farpoint::dedup
