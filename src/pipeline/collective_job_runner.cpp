// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "collective_context.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "job_runner.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::string_view fact_prefix = "fact.";

/// All ranks' rejects in order of id, on rank 0.
std::vector<store::Column> gather_rejects(comm::Communicator& comm, const std::vector<Reject>& mine) {
  std::vector<std::pair<std::uint64_t, std::string>> pairs;
  for (const auto& reject : mine) pairs.emplace_back(reject.id, reject.reason);
  std::vector<std::pair<std::uint64_t, std::string>> all;
  for (auto& list : comm::gather_objects(comm, pairs, 0)) all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end());
  std::vector<std::uint64_t> ids;
  store::Strings reasons;
  for (const auto& [id, reason] : all) {
    ids.push_back(id);
    reasons.push_back(reason);
  }
  return {{"rejects/id", std::move(ids)}, {"rejects/reason", std::move(reasons)}};
}

/// What is kept of a finished job: its numbers, and hashes of the files that it left.
store::Attributes describe(const JobResult& result, const CollectiveJob& job, const RunFolder& folder,
                           const Hash128& key) {
  auto attributes =
      Tally{result.in, result.out, result.rejected, result.failed, result.units, result.counters}.to_attributes();
  attributes["key"] = key.hex();
  for (const auto& [name, value] : result.facts) attributes[std::string(fact_prefix) + name] = fmt::format("{}", value);
  for (const auto& name : job.outputs()) attributes[output_attribute(name)] = content_hash(folder.path / name);
  return attributes;
}

bool still_valid(const std::optional<store::Attributes>& attributes, const CollectiveJob& job, const RunFolder& folder,
                 const Hash128& key) {
  if (!attributes || !attributes->contains("key") || attributes->at("key") != key.hex()) return false;
  const auto outputs = job.outputs();
  return std::all_of(outputs.begin(), outputs.end(),
                     [&](const std::string& name) { return is_output_of(*attributes, folder, name); });
}

/// The numbers of a job that an earlier run finished, or nothing when it must be done again. The same on every rank.
std::optional<store::Attributes> finished_before(const JobEnvironment& environment, const CollectiveJob& job,
                                                 const std::filesystem::path& file, const Hash128& key) {
  store::Attributes attributes;
  if (environment.comm.rank() == 0) {
    const auto found = store::intact_shard(file);
    if (still_valid(found, job, environment.folder, key)) attributes = *found;
  }
  comm::broadcast_object(environment.comm, attributes, 0);
  if (attributes.empty()) return std::nullopt;
  return attributes;
}

double number_of(const std::string& name, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (!text.empty() && end == text.c_str() + text.size()) return value;
  throw store::DamagedFile(fmt::format(
      "'{}' of a finished job is '{}', which is no number; delete the job's folder in stages/ and run again", name,
      text));
}

void fill(JobSummary& summary, const store::Attributes& attributes) {
  summary.tally = Tally::from_attributes(attributes);
  for (const auto& [name, value] : attributes) {
    if (name.starts_with(fact_prefix)) summary.facts[name.substr(fact_prefix.size())] = number_of(name, value);
  }
}

}  // namespace

JobOutcome run_collective_job(const JobEnvironment& environment, const PlannedJob& planned) {
  auto& job = dynamic_cast<CollectiveJob&>(*planned.job);
  auto& comm = environment.comm;
  const auto key = environment.data.stages[planned.stage].key;
  const auto done_file = record_of_stage(environment.data.stages[planned.stage].folder);
  ProgressLine progress(comm, planned.name, 0, job.unit());
  JobOutcome outcome;
  auto& summary = outcome.summary;
  summary.job = planned.name;
  summary.as = job.as();
  summary.unit = job.unit();
  if (const auto before = finished_before(environment, job, done_file, key)) {
    fill(summary, *before);
    summary.resumed_shards = environment.data.sets[0].shards();
  } else {
    CollectiveContext context(environment, planned, key, progress);
    const auto result = job.run(context);
    const auto rejects = gather_rejects(comm, context.rejects());
    if (comm.rank() == 0) {
      const auto attributes = describe(result, job, environment.folder, key);
      store::write_shard(done_file, attributes, rejects);
      fill(summary, attributes);
    }
    if (result.work_seconds > 0) summary.rate = static_cast<double>(result.units) / result.work_seconds;
  }
  summary.seconds = progress.seconds();
  if (summary.tally.rejected > 0) outcome.reject_files.emplace_back(std::uint8_t{0}, done_file.string());
  progress.finish(fmt::format("{} of {} records, {}", format_count(summary.tally.out), format_count(summary.tally.in),
                              format_duration(summary.seconds)));
  return outcome;
}

}  // namespace farpoint::pipeline
