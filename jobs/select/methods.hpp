// SPDX-License-Identifier: Apache-2.0
// jobs/select/methods.hpp: from the loaded candidates to the chosen records, by each method.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "candidates.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/select/assignment.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// What a method chose. The same on every rank, in order of choice.
struct Selection {
  std::vector<std::uint64_t> ids;
  std::vector<double> distances;                 ///< empty: the method has none
  std::vector<double> gains;                     ///< facility-location's
  std::vector<std::uint64_t> targets;            ///< target's: the curated record that took it
  std::optional<double> radius;                  ///< the method measured it
  std::optional<select::Assignment> assignment;  ///< where the method found it on its way
  bool is_approximate = false;
  std::map<std::string, std::uint64_t> counters;
  std::map<std::string, double> facts;
};

struct MethodInput {
  pipeline::JobContext& context;
  const SelectOptions& options;
  const LoadedCandidates& candidates;
  const CuratedVectors& curated;  ///< empty unless the method starts from them, or they are its targets
  select::Limits limits;
  std::uint64_t seed = 0;
};

/// Collective.
Selection choose(const MethodInput& input);

/// Budget and quotas of this pool. Warns of minima that cannot be met; throws UsageError for quotas that contradict
/// each other or name a label that no candidate has. Collective.
select::Limits make_limits(pipeline::JobContext& context, const SelectOptions& options,
                           const LoadedCandidates& candidates);

}  // namespace farpoint::jobs
