// SPDX-License-Identifier: Apache-2.0
// jobs/report/map.hpp: pool and subset in two dimensions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chosen.hpp"
#include "excerpts.hpp"

namespace farpoint::jobs {

/// The records that the map needs, in the order in which they are drawn.
struct MapRecords {
  std::vector<std::uint64_t> pool;    ///< a random sample in the order of the draw: the density is of all of them
  std::vector<std::uint64_t> subset;  ///< in order of choice
};

/// The plane of the first principal components of the sample, the density of the sample in it, and the first `points`
/// records of both lists as points. Null when no record has a vector. Rank 0 only. Costs what principal_plane() does of
/// 5,000 rows.
Json draw_map(const MapRecords& records, const Excerpts& excerpts, const Chosen& chosen, const std::string& vectors,
              std::size_t points);

}  // namespace farpoint::jobs
