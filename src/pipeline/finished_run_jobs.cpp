// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <set>

#include "collective_context.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "listed_files.hpp"

namespace farpoint::pipeline {

namespace {

/// The files that the pool came from, as the shards of the ingest name them: they may be gone by now.
std::vector<corpus::InputFile> files_of_pool(const Data& data) {
  std::vector<corpus::InputFile> files;
  std::set<std::string> known;
  for (std::size_t shard = 0; shard < data.sets[0].shards(); ++shard) {
    const auto ingest = open_shard_file(data.stages[ingest_stage], data.sets[0], shard);
    const ListedFiles list(ingest);
    for (const auto& file : list.all()) {
      if (known.insert(file.path).second) files.push_back({file.path, file.source});
    }
  }
  return files;
}

/// A job that stands behind all of the plan.
PlannedJob plan_behind(const PlannedJob& end, std::size_t stage, std::unique_ptr<Job> job, const std::string& name) {
  PlannedJob planned;
  planned.stage = stage;
  planned.name = name;
  planned.job = std::move(job);
  planned.ids_from = end.ids_from;
  planned.rewritten_by = end.rewritten_by;
  planned.changed_by = end.changed_by;
  planned.column_from = end.column_from;
  planned.columns = end.columns;
  return planned;
}

}  // namespace

RunSummary FinishedRun::summary() const {
  if (!std::filesystem::exists(folder_.summary())) {
    throw UsageError(
        fmt::format("{}: the run has not finished: it has no summary.json; run the same command again, or see "
                    "`farpoint status {}`",
                    folder_.path.string(), folder_.path.string()));
  }
  auto summary = summary_from_json(read_file(folder_.summary()));
  // Runs of older versions have none.
  if (std::filesystem::exists(folder_.times())) add_rank_times(read_file(folder_.times()), summary);
  return summary;
}

JobResult FinishedRun::run_behind(comm::Communicator& comm, std::unique_ptr<CollectiveJob> job,
                                  const std::string& name) const {
  auto& collective = *job;
  RunSummary done;
  auto data = data_;
  comm::agree(comm, [&] {
    done = summary();
    data.sets[0].files = files_of_pool(data);
    data.stages.push_back({folder_.path, {}, {}});
  });
  const auto planned = plan_behind(plan_.end, data.stages.size() - 1, std::move(job), name);
  StopRequest request(comm, std::nullopt);
  StopPoints stops(request, comm);
  ProgressLine progress(comm, name, 0, collective.unit());
  const JobEnvironment environment{comm, data, folder_, plan_, config_, stops, comm.rank(), done};
  CollectiveContext context(environment, planned, {}, progress);
  auto result = collective.run(context);
  progress.finish(fmt::format("{} of {} records, {}", format_count(result.out), format_count(result.in),
                              format_duration(progress.seconds())));
  return result;
}

}  // namespace farpoint::pipeline
