// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "farpoint/base/random.hpp"
#include "farpoint/select/assignment.hpp"
#include "reference_k_center.hpp"

namespace farpoint::select {

/// `count` of the records, in no order.
inline std::vector<std::uint64_t> shuffled_ids(const Dataset& data, std::size_t count) {
  std::vector<std::uint64_t> ids = data.ids;
  std::sort(ids.begin(), ids.end(),
            [](std::uint64_t a, std::uint64_t b) { return random_bits(5, 5, a) < random_bits(5, 5, b); });
  ids.resize(count);
  return ids;
}

/// The assignment as it is defined: every record is measured against every chosen and curated one.
inline Assignment reference_assignment(const Dataset& data, Metric metric, std::span<const std::uint64_t> chosen) {
  const Vectors pool = data.pool();
  Assignment result;
  for (std::size_t i = 0; i < data.ids.size(); ++i) {
    double value = std::numeric_limits<double>::infinity();
    std::uint64_t representative = curated_representative;
    for (const std::uint64_t id : chosen) {
      const double to_it = canonical(metric, pool.row(i), pool.row(data.place_of(id)));
      if (to_it > value || (to_it == value && id > representative)) continue;
      value = to_it;
      representative = id;
    }
    for (std::size_t c = 0; c < data.curated_count(); ++c) {
      const double to_it = canonical(metric, pool.row(i), data.curated_row(c));
      if (to_it >= value) continue;
      value = to_it;
      representative = curated_representative;
    }
    const bool is_chosen = std::find(chosen.begin(), chosen.end(), data.ids[i]) != chosen.end();
    result.representatives.push_back(is_chosen ? data.ids[i] : representative);
    result.values.push_back(is_chosen ? 0 : value);
  }
  for (const std::uint64_t id : chosen) {
    result.weights.push_back(
        static_cast<std::uint64_t>(std::count(result.representatives.begin(), result.representatives.end(), id)));
  }
  return result;
}

}  // namespace farpoint::select
