// SPDX-License-Identifier: Apache-2.0
#include "plan_populations.hpp"

#include <algorithm>
#include <set>

namespace farpoint::pipeline {

namespace {

/// Whether the columns that it writes are among those that are needed, of which the stages are known.
bool is_needed(const PlannedJob& planned, const std::set<std::size_t>& needed) {
  return needed.contains(planned.stage) || planned.shard_job()->rewrites_records();
}

void settle(Population population, std::span<PlannedJob* const> jobs, const std::vector<corpus::SourceSpec>& sources,
            bool all) {
  const auto p = index_of(population);
  std::set<std::size_t> needed;
  for (auto at = jobs.rbegin(); at != jobs.rend(); ++at) {
    auto& planned = **at;
    planned.treats[p] = can_treat(*planned.job, population, sources) && (all || is_needed(planned, needed));
    if (!planned.treats[p] && !uses(*planned.job, population)) continue;
    for (const auto& name : planned.job->reads()) {
      const auto column = planned.column_from[p].find(name);
      if (column != planned.column_from[p].end()) needed.insert(column->second);
    }
  }
}

}  // namespace

bool can_treat(const Job& job, Population population, const std::vector<corpus::SourceSpec>& sources) {
  const auto* shard_job = dynamic_cast<const ShardJob*>(&job);
  if (shard_job == nullptr || sources.empty()) return false;
  if (population == Population::curated && !shard_job->covers_curated()) return false;
  if (population == Population::labelled && !shard_job->covers_labelled()) return false;
  return !job.reads_text() || sources.front().as.empty();
}

void settle_populations(Plan& plan, const CorpusOptions& corpus, bool is_whole) {
  std::vector<PlannedJob*> jobs;
  for (auto* part : {&plan.groups, &plan.later}) {
    for (auto& group : *part) {
      for (auto& planned : group) jobs.push_back(&planned);
    }
  }
  for (const auto population : {Population::curated, Population::labelled}) {
    const bool used =
        std::any_of(jobs.begin(), jobs.end(), [&](const auto* planned) { return uses(*planned->job, population); });
    settle(population, jobs, sources_of(corpus, population), !used || !is_whole);
  }
}

}  // namespace farpoint::pipeline
