// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/vectors.hpp: duplicates by vectors.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "farpoint/dedup/components.hpp"
#include "farpoint/select/vectors.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// This rank's rows of a column, of unit length. Records whose vector has no direction have none, and match nothing.
struct UnitRows {
  std::vector<std::uint64_t> ids;
  std::vector<float> numbers;
  std::size_t width = 0;  ///< the same on every rank

  select::Vectors vectors() const { return {numbers, ids, width}; }
};

/// Of the pool's records that `takes_part` says yes to (by their position among this rank's), or of the curated ones.
/// Throws comm::AgreedError when shards disagree about the width. Collective.
UnitRows load_unit_rows(pipeline::PoolPass& pass, pipeline::Population population, const std::string& column,
                        const std::function<bool(std::size_t position)>& takes_part);

struct VectorMatches {
  std::vector<std::uint64_t> curated_hits;  ///< of this rank's rows
  std::vector<std::uint64_t> leaders;       ///< the same; only of one-pass
  std::map<std::string, double> facts;
};

/// Joins rows with a cosine of at least the threshold, found as the options' index says; copies of a vector are
/// compared once. Rows that are as near to one of `curated` are hits and are not compared with others. Collective.
VectorMatches join_semantic(comm::Communicator& comm, const UnitRows& pool, const UnitRows& curated,
                            const SemanticOptions& options, std::uint64_t seed, dedup::Components& components);

/// Leader clustering in order of id: joins each row that is no leader with the nearest leader, which may be a later
/// one. Collective; every rank holds the leaders' vectors.
VectorMatches join_one_pass(comm::Communicator& comm, const UnitRows& pool, const UnitRows& curated,
                            const OnePassOptions& options, dedup::Components& components);

}  // namespace farpoint::jobs
