// SPDX-License-Identifier: Apache-2.0
#include "centres.hpp"

#include <algorithm>
#include <cstring>

#include "farpoint/base/hash.hpp"

namespace farpoint::select {

void Centres::reserve(std::size_t count) {
  rows_.reserve(count * dimension_);
  panels_.reserve(count);
}

bool Centres::add(std::span<const float> row, std::uint64_t label) {
  const std::uint64_t hash = hash64(std::as_bytes(row));
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto entry = begin; entry != end; ++entry) {
    const std::uint32_t copy = entry->second;
    if (std::memcmp(this->row(copy), row.data(), row.size_bytes()) != 0) continue;
    labels_[copy] = std::min(labels_[copy], label);
    return false;
  }
  by_hash_.emplace(hash, static_cast<std::uint32_t>(count()));
  rows_.insert(rows_.end(), row.begin(), row.end());
  labels_.push_back(label);
  norms_.push_back(screening_norm(row));
  penalties_.push_back(screening_.penalty(norms_.back()));
  panels_.add(row, penalties_.back(), screening_.hopeful_penalty(norms_.back()));
  return true;
}

}  // namespace farpoint::select
