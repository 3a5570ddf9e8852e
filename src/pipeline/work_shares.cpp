// SPDX-License-Identifier: Apache-2.0
#include "work_shares.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace farpoint::pipeline {

std::vector<std::vector<std::size_t>> assign(std::span<const WorkItem> work, int ranks) {
  std::vector<WorkItem> order(work.begin(), work.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.cost > b.cost; });
  using Load = std::pair<std::uint64_t, std::size_t>;  // cost so far, rank
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t rank = 0; rank < static_cast<std::size_t>(ranks); ++rank) loads.emplace(0, rank);
  std::vector<std::vector<std::size_t>> items(static_cast<std::size_t>(ranks));
  for (const auto& [item, cost] : order) {
    const auto [load, rank] = loads.top();
    loads.pop();
    items[rank].push_back(item);
    // An item without cost is still some work.
    loads.emplace(load + std::max<std::uint64_t>(cost, 1), rank);
  }
  for (auto& list : items) std::sort(list.begin(), list.end());
  return items;
}

std::vector<int> ranks_by_share(std::span<const double> shares, int ranks) {
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<int> counts(shares.size(), 1);
  for (int left = ranks - static_cast<int>(shares.size()); left > 0; --left) {
    const auto lacking = [&](std::size_t i) { return shares[i] / total * ranks - counts[i]; };
    std::size_t most = 0;
    for (std::size_t i = 1; i < shares.size(); ++i) {
      if (lacking(i) > lacking(most)) most = i;
    }
    ++counts[most];
  }
  return counts;
}

}  // namespace farpoint::pipeline
