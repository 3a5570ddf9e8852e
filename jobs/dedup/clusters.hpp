// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/clusters.hpp: what clusters of duplicates look like, for people.
#pragma once

#include <map>
#include <string>

#include "duplicates.hpp"

namespace farpoint::jobs {

/// The same on every rank.
struct ClusterReport {
  std::map<std::string, double> facts;  ///< how many, how large, by powers of two
  std::string examples;                 ///< the largest ones, as a JSON list
};

/// Counts the clusters by size and shows the largest: the record that is kept, some of its duplicates, and how the text
/// begins. Collective; a rank holds the sizes of its share of the clusters.
ClusterReport describe_clusters(pipeline::PoolPass& pass, const DedupOptions& options, const Duplicates& found);

}  // namespace farpoint::jobs
