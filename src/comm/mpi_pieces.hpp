// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>

namespace farpoint::comm {

/// Calls `visit` with consecutive parts of `data`, each of `limit` bytes but the last. No call for empty data.
template <typename Byte, typename Visit>
void for_each_piece(std::span<Byte> data, std::uint64_t limit, Visit visit) {
  assert(limit > 0);
  while (!data.empty()) {
    const auto size = std::min<std::uint64_t>(limit, data.size());
    visit(data.first(size));
    data = data.subspan(size);
  }
}

}  // namespace farpoint::comm
