// SPDX-License-Identifier: Apache-2.0
// jobs/report/chosen.hpp: what subset.h5 says of the choice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace farpoint::jobs {

/// A candidate and the chosen record that is nearest to it.
struct Represented {
  std::uint64_t id = 0;
  std::uint64_t representative = 0;  ///< 2^64 - 1: a curated one
  double distance = 0;
};

/// A chosen record and candidates that it stands for.
struct Group {
  std::uint64_t chosen = 0;
  std::uint64_t weight = 0;           ///< of all that it stands for
  std::vector<Represented> nearest;   ///< ascending by distance, itself left out
  std::vector<Represented> farthest;  ///< descending; none that is among the nearest
};

struct Chosen {
  std::vector<std::uint64_t> ids;      ///< in order of choice
  std::vector<double> distances;       ///< empty where the method has none
  std::vector<std::uint64_t> weights;  ///< empty without an assignment, as all below
  std::vector<Represented> farthest;   ///< descending by distance
  std::vector<Represented> nearest;    ///< ascending, copies of chosen records left out
  std::vector<Group> groups;           ///< the largest first

  std::string method;
  std::string exactness;
  std::string created;  ///< ISO 8601, UTC
};

/// Reads a subset file in blocks: it holds what it returns, never the pool. `examples`: of each list. Ties go to the
/// lowest id. Throws Error naming the file when it is not one.
Chosen read_chosen(const std::filesystem::path& subset, std::size_t examples);

}  // namespace farpoint::jobs
