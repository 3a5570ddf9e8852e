// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/column_name.hpp"
#include "plan_populations.hpp"
#include "plan_state.hpp"

namespace farpoint::pipeline {

namespace {

const JobType& find_type(const JobEntry& entry, const JobTypes& types) {
  const auto type = std::find_if(types.begin(), types.end(), [&](const JobType& t) { return t.name == entry.job; });
  if (type != types.end()) return *type;
  std::vector<std::string> names;
  for (const auto& known : types) names.push_back(known.name);
  auto hint = suggestion(entry.job, names);
  if (hint.empty()) hint = fmt::format("; this version has {}", fmt::join(names, ", "));
  throw ConfigError(entry.place, fmt::format("unknown job '{}'{}", entry.job, hint));
}

/// True when one of the files would need the other one's name, or a folder of that name.
bool clash(const std::filesystem::path& one, const std::filesystem::path& other) {
  const auto [end, other_end] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return end == one.end() || other_end == other.end();
}

/// Remembers where a job leaves files behind, and refuses places that another job has taken.
void check_outputs(const PlannedJob& planned, const JobEntry& entry, const std::filesystem::path& folder,
                   std::map<std::filesystem::path, std::string>& taken) {
  const auto* job = planned.collective_job();
  if (job == nullptr) return;
  for (const auto& name : job->outputs()) {
    const auto place = target_of(folder / name);
    for (const auto& [other, owner] : taken) {
      if (!clash(place, other)) continue;
      const Node* path = entry.options.find("path");
      throw ConfigError(path != nullptr ? path->place : entry.place,
                        fmt::format("'{}' writes '{}', but the '{}' before it writes '{}'; choose another name",
                                    planned.name, name, owner, other.lexically_relative(target_of(folder)).string()));
    }
    taken[place] = planned.name;
  }
}

/// Sources of a population are all vectors of one column, or all texts.
void check_sources(const std::vector<corpus::SourceSpec>& specs, std::string_view population) {
  for (const auto& spec : specs) {
    if (spec.as == specs.front().as) continue;
    throw UsageError(
        fmt::format("corpus.{}: '{}' has the column '{}' and '{}' has '{}'; all sources must be vectors of "
                    "one column, or all texts (vectors that belong to texts are added by the job 'attach')",
                    population, specs.front().path, specs.front().as, spec.path, spec.as));
  }
}

void check_text(const PlannedJob& planned, const Config& config) {
  if (!planned.job->reads_text() || config.corpus.pool.empty() || config.corpus.pool.front().as.empty()) return;
  throw ConfigError(planned.place, fmt::format("'{}' reads texts, but the pool '{}' holds only vectors", planned.name,
                                               config.corpus.pool.front().path));
}

/// Collective jobs say themselves what of theirs needs other records than the pool's.
void check_other_records(const PlannedJob& planned, const JobEntry& entry, const Config& config) {
  const auto* job = planned.shard_job();
  if (job == nullptr) return;
  for (const auto population : {Population::curated, Population::labelled}) {
    if (!uses(*job, population)) continue;
    const auto name = name_of(population);
    const auto& sources = sources_of(config.corpus, population);
    if (sources.empty()) {
      throw ConfigError(place_of(entry, std::string(name)),
                        fmt::format("'{}' needs {} records: list them under corpus.{}", planned.name, name, name));
    }
    if (job->reads_text() && !sources.front().as.empty()) {
      throw ConfigError(place_of(entry, std::string(name)),
                        fmt::format("'{}' reads texts, but the {} '{}' holds only vectors; list the {} records' texts "
                                    "under corpus.{}",
                                    planned.name, name, sources.front().path, name, name));
    }
  }
}

void check_column_names(const PlannedJob& planned, const JobEntry& entry) {
  for (const auto& column : planned.job->writes()) {
    attempt([&] { check_column_name(place_of(entry, column.name), column.name); });
  }
}

/// Jobs that run side by side must not change what the others see.
void check_parallel(const PlannedJob& planned) {
  const auto* shard_job = planned.shard_job();
  if (shard_job != nullptr && !shard_job->removes_records() && !shard_job->rewrites_records()) return;
  const auto* reason = shard_job == nullptr           ? "needs all ranks"
                       : shard_job->removes_records() ? "removes records"
                                                      : "changes texts";
  throw ConfigError(planned.place, fmt::format("'{}' {} and cannot stand inside 'parallel'", planned.name, reason));
}

/// Makes the job. While problems are gathered: null when it cannot be made, with what is wrong with it, but not what
/// only follows from that or from a job before it.
std::unique_ptr<Job> make_job(const JobEntry& entry, const Node& options, const Config& config, const JobTypes& types,
                              PlanState& state) {
  auto* problems = Problems::current();
  if (problems == nullptr) return find_type(entry, types).make(options, state.setup(config));
  const JobType* type = nullptr;
  const auto before = problems->count();
  try {
    type = &find_type(entry, types);
    auto job = type->make(options, state.setup(config));
    if (problems->count() == before) return job;
  } catch (const ConfigError& error) {
    const bool is_new = problems->count() == before && !state.is_consequence(error.message());
    if (is_new) problems->add({error.place(), error.message()});
  } catch (const Error& error) {
    if (problems->count() == before) problems->add({entry.place, fmt::format("'{}': {}", entry.job, error.what())});
  }
  state.add_broken(entry, type);
  return nullptr;
}

PlannedJob plan_job(const JobEntry& entry, std::size_t stage, const Config& config, const JobTypes& types,
                    PlanState& state) {
  PlannedJob planned;
  planned.stage = stage;
  planned.name = entry.job;
  planned.place = entry.place;
  planned.share = entry.share;
  Node options = entry.options;
  if (options.place.file == nullptr || options.kind == Node::Kind::null) options.place = entry.place;
  planned.job = make_job(entry, options, config, types, state);
  if (planned.job == nullptr) return planned;
  check_column_names(planned, entry);
  attempt([&] { state.check_place(planned); });
  state.resolve(planned);
  state.check_reads(planned, entry);
  attempt([&] { check_text(planned, config); });
  attempt([&] { check_other_records(planned, entry, config); });
  return planned;
}

/// Plans one group of jobs after the other.
class Planner {
 public:
  Planner(const Config& config, const JobTypes& types) : config_(config), types_(types), state_(config.corpus) {}

  std::vector<PlannedJob> plan(const JobGroup& group) {
    std::vector<PlannedJob> planned;
    // Jobs of one group do not see each other's columns: they run at the same time.
    for (const auto& entry : group) planned.push_back(plan_job(entry, ++stage_, config_, types_, state_));
    for (std::size_t i = 0; i < planned.size(); ++i) {
      if (planned[i].job == nullptr) continue;
      if (group.size() > 1) attempt([&] { check_parallel(planned[i]); });
      attempt([&] { check_outputs(planned[i], group[i], config_.run.output, outputs_); });
      state_.add(planned[i], group[i]);
    }
    return planned;
  }

  const PlanState& state() const { return state_; }

 private:
  const Config& config_;
  const JobTypes& types_;
  PlanState state_;
  std::map<std::filesystem::path, std::string> outputs_;  // where jobs leave files behind, and whose they are
  std::size_t stage_ = ingest_stage;
};

/// A pattern that names the same files from anywhere, in the same spelling: file names are part of what shards depend
/// on, so neither links are followed nor '..' is taken out.
std::string absolute_pattern(const std::filesystem::path& folder, const std::string& pattern) {
  const auto path = folder / pattern;
  std::error_code ignored;
  // A file of exactly this name is found whatever the name looks like.
  if (std::filesystem::path(pattern).is_absolute() || std::filesystem::exists(path, ignored)) return path.string();
  return corpus::quoted_pattern(folder.string()) + "/" + pattern;
}

/// The parts of the configuration that are not jobs, with paths that hold from any working folder.
Config with_absolute_paths(const Config& config) {
  Config resolved{config.run, config.corpus, config.models, {}, {}};
  resolved.run.output = std::filesystem::absolute(resolved.run.output).string();
  for (auto* sources : {&resolved.corpus.pool, &resolved.corpus.curated, &resolved.corpus.labelled}) {
    for (auto& spec : *sources) spec.path = absolute_pattern(config.folder, spec.path);
  }
  for (auto& [name, model] : resolved.models) model.path = (config.folder / model.path).string();
  return resolved;
}

std::string resolve_config(const Config& config, const Plan& plan) {
  const auto resolved = with_absolute_paths(config);
  Node jobs = Node::list();
  for (const auto& group : plan.groups) {
    Node list = Node::list();
    for (const auto& planned : group) {
      Node entry = Node::map();
      Node& options = entry.set(planned.name, planned.job->options(false));
      if (group.size() > 1) options.set("share", Codec<double>::encode(planned.share));
      list.items.push_back(entry);
    }
    if (group.size() == 1) {
      jobs.items.push_back(list.items.front());
    } else {
      jobs.items.push_back(Node::map());
      jobs.items.back().set("parallel", list);
    }
  }
  Node root = Node::map();
  root.set("run", encode(resolved.run));
  root.set("corpus", encode(resolved.corpus));
  root.set("models", Codec<std::map<std::string, ModelOptions>>::encode(resolved.models));
  root.set("pipeline", jobs);
  return to_yaml(root) + "\n";
}

}  // namespace

std::string PlannedJob::folder() const {
  const auto as = job == nullptr ? "" : job->as();
  return as.empty() ? fmt::format("{:02}-{}", stage, name) : fmt::format("{:02}-{}-{}", stage, name, as);
}

std::vector<const PlannedJob*> Plan::jobs() const {
  std::vector<const PlannedJob*> all;
  for (const auto* part : {&groups, &later}) {
    for (const auto& group : *part) {
      for (const auto& planned : group) all.push_back(&planned);
    }
  }
  return all;
}

const PlannedJob* Plan::find(std::size_t stage) const {
  for (const auto* planned : jobs()) {
    if (planned->stage == stage) return planned;
  }
  return nullptr;
}

bool uses(const Job& job, Population population) {
  if (population == Population::curated) return job.uses_curated();
  return population == Population::labelled && job.uses_labelled();
}

namespace {

[[noreturn]] void throw_no_such_job(const Config& config, const std::string& until) {
  std::vector<std::string> names{"ingest"};
  for (const auto& group : config.pipeline) {
    for (const auto& entry : group) names.push_back(entry.job);
  }
  auto hint = suggestion(until, names);
  if (hint.empty()) hint = fmt::format("; it has {}", fmt::join(names, ", "));
  throw UsageError(fmt::format("--until {}: the pipeline has no such job{}", until, hint));
}

/// What --until leaves out, as far as it can be planned: a file that a later job attaches may still have to be made
/// from what this run writes. Its mistakes are nobody's. Returns whether that was all of it.
bool plan_later(Planner& planner, std::span<const JobGroup> groups, Plan& plan) {
  Problems unheard;
  for (const auto& group : groups) {
    auto planned = planner.plan(group);
    if (!unheard.empty()) return false;
    plan.later.push_back(std::move(planned));
  }
  return true;
}

}  // namespace

Plan make_plan(const Config& config, const JobTypes& types, const std::string& until) {
  for (const auto population : populations) {
    const auto& sources = sources_of(config.corpus, population);
    if (!sources.empty()) attempt([&] { check_sources(sources, name_of(population)); });
  }
  Plan plan;
  Planner planner(config, types);
  const std::span all(config.pipeline);
  std::size_t next = 0;
  bool found = until.empty() || until == "ingest";
  for (; next < all.size() && (until.empty() || !found); ++next) {
    const auto& group = all[next];
    plan.groups.push_back(planner.plan(group));
    found = found || std::any_of(group.begin(), group.end(), [&](const auto& entry) { return entry.job == until; });
  }
  planner.state().resolve(plan.end);
  if (!found) attempt([&] { throw_no_such_job(config, until); });
  // What has mistakes has no jobs to write out.
  if (Problems::current() != nullptr && !Problems::current()->empty()) return plan;
  plan.resolved = resolve_config(config, plan);
  const bool is_whole = plan_later(planner, all.subspan(next), plan);
  settle_populations(plan, config.corpus, is_whole);
  return plan;
}

}  // namespace farpoint::pipeline
