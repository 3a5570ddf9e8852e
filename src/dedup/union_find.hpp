// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>

namespace farpoint::dedup {

/// The lowest id of x's tree, whose paths are halved on the way (Tarjan and van Leeuwen 1984). parent(id) is a
/// reference.
template <typename Parent>
std::uint64_t find_root(std::uint64_t x, Parent&& parent) {
  while (parent(x) != x) {
    parent(x) = parent(parent(x));
    x = parent(x);
  }
  return x;
}

/// Joins by the lower id, so that roots are the lowest ids.
template <typename Parent>
void unite(std::uint64_t a, std::uint64_t b, Parent&& parent) {
  a = find_root(a, parent);
  b = find_root(b, parent);
  if (a > b) std::swap(a, b);
  parent(b) = a;
}

/// Union-find over the few ids that it has seen.
class SparseUnionFind {
 public:
  void unite(std::uint64_t a, std::uint64_t b) {
    dedup::unite(a, b, [this](std::uint64_t id) -> std::uint64_t& { return parent(id); });
  }
  std::uint64_t find(std::uint64_t id) {
    return find_root(id, [this](std::uint64_t x) -> std::uint64_t& { return parent(x); });
  }
  const std::unordered_map<std::uint64_t, std::uint64_t>& seen() const { return parents_; }

 private:
  std::uint64_t& parent(std::uint64_t id) { return parents_.try_emplace(id, id).first->second; }

  std::unordered_map<std::uint64_t, std::uint64_t> parents_;
};

}  // namespace farpoint::dedup
