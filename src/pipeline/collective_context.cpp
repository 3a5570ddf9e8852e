// SPDX-License-Identifier: Apache-2.0
#include "collective_context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"

namespace farpoint::pipeline {

CollectiveContext::CollectiveContext(const JobEnvironment& environment, const PlannedJob& planned, Hash128 key,
                                     ProgressLine& progress)
    : environment_(environment), planned_(planned), key_(key), progress_(progress) {
  for (const auto& set : environment.data.sets) {
    for (std::size_t shard = 0; shard < set.shards(); ++shard) {
      tasks_.push_back({&set, shard, set.approximate_bytes(shard), tasks_.size(), 0, {}});
    }
  }
}

void CollectiveContext::for_each_shard(Population population, const std::function<void(const Shard&)>& visit) {
  visit_tasks(population,
              [&](const ShardTask& task) { visit(*open_shard(environment_.data, planned_, population, task.shard)); });
}

void CollectiveContext::for_every_shard(const std::function<void(const Shard&)>& visit) {
  for (std::size_t shard = 0; shard < environment_.data.sets[0].shards(); ++shard) {
    visit(*open_shard(environment_.data, planned_, Population::pool, shard));
  }
}

std::vector<PastStage> CollectiveContext::past_stages() const {
  std::vector<PastStage> stages;
  for (const auto stage : planned_.changed_by) {
    const auto& past = past_job(stage);
    stages.push_back({stage, past.folder(), past.name});
  }
  return stages;
}

void CollectiveContext::for_each_shard_before(const PastStage& stage,
                                              const std::function<void(const Shard&, const ShardChanges&)>& visit) {
  const auto& past = past_job(stage.stage);
  visit_tasks(Population::pool, [&](const ShardTask& task) {
    visit(*open_shard(environment_.data, past, Population::pool, task.shard),
          read_changes(environment_.data, past, task.shard));
  });
}

std::vector<std::string> CollectiveContext::source_names() const {
  std::vector<std::string> names;
  for (const auto& file : environment_.data.set(Population::pool).files) {
    if (std::find(names.begin(), names.end(), file.source) == names.end()) names.push_back(file.source);
  }
  return names;
}

void CollectiveContext::visit_tasks(Population population, const std::function<void(const ShardTask&)>& visit) {
  bool left_early = false;
  for (const auto* task : tasks_of_rank(tasks_, environment_.comm.rank(), environment_.comm.size())) {
    if (task->set->population != population) continue;
    left_early = environment_.stops.requested();
    if (left_early) break;
    visit(*task);
  }
  environment_.stops.settle(left_early);
}

const PlannedJob& CollectiveContext::past_job(std::size_t stage) const {
  const auto* past = environment_.plan.find(stage);
  // Else its key says nothing of what that stage did.
  if (past == nullptr || !planned_.collective_job()->reads_history()) {
    throw Error(
        fmt::format("{} asks for stage {}, which it may not; this is a mistake in the job", planned_.folder(), stage));
  }
  return *past;
}

}  // namespace farpoint::pipeline
