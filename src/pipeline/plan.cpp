// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/column_name.hpp"

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

/// Where an entry says `text`, as a key or a value: there an error about it belongs, and not at the job.
const Place* find_text(const Node& node, const std::string& text) {
  if (node.kind == Node::Kind::scalar) return node.text == text ? &node.place : nullptr;
  for (const auto& item : node.items) {
    if (const auto* place = find_text(item, text)) return place;
  }
  for (const auto& entry : node.entries) {
    if (entry.key == text) return &entry.place;
    if (const auto* place = find_text(entry.value, text)) return place;
  }
  return nullptr;
}

const Place& place_of(const JobEntry& entry, const std::string& text) {
  const auto* place = find_text(entry.options, text);
  return place != nullptr ? *place : entry.place;
}

/// What the jobs before the one in hand have left behind.
class State {
 public:
  explicit State(const CorpusOptions& corpus) : corpus_(corpus) {
    add_vectors(corpus.pool, Population::pool, &ColumnSpec::in_pool);
    add_vectors(corpus.curated, Population::curated, &ColumnSpec::in_curated);
    add_vectors(corpus.labelled, Population::labelled, &ColumnSpec::in_labelled);
  }

  JobSetup setup(const Config& config) const { return {&config, subset_, columns_}; }

  void check_place(const PlannedJob& planned) const {
    const auto* collective = planned.collective_job();
    if (!subset_ || (collective != nullptr && collective->follows_subset())) return;
    throw ConfigError(planned.place, fmt::format("'{}' cannot stand behind the select: the subset is already written; "
                                                 "move it up",
                                                 planned.name));
  }

  void check_reads(const PlannedJob& planned, const JobEntry& entry) const {
    for (const auto& name : planned.job->reads()) {
      if (planned.column_from[0].contains(name)) continue;
      std::vector<std::string> known;
      for (const auto& [column, stage] : column_from_[0]) known.push_back(column);
      auto hint = suggestion(name, known);
      if (hint.empty() && known.empty()) hint = ": no job before it writes columns";
      if (hint.empty()) hint = fmt::format("; at this point there are {}", fmt::join(known, ", "));
      throw ConfigError(place_of(entry, name),
                        fmt::format("'{}' reads the column '{}', which does not exist{}", planned.name, name, hint));
    }
  }

  void resolve(PlannedJob& planned) const {
    planned.ids_from = ids_from_;
    planned.rewritten_by = rewritten_by_;
    planned.changed_by = changed_by_;
    planned.column_from = column_from_;
    planned.columns = columns_;
  }

  void add(const PlannedJob& planned, const JobEntry& entry) {
    const bool curated = treats(*planned.job, Population::curated, corpus_.curated);
    const bool labelled = treats(*planned.job, Population::labelled, corpus_.labelled);
    for (auto column : planned.job->writes()) {
      column.in_curated = column.in_curated && curated;
      column.in_labelled = labelled;
      column.curated_unit_length = column.in_curated && column.unit_length;
      check_new(planned, entry, column);
      if (column.in_pool) column_from_[0][column.name] = planned.stage;
      if (column.in_curated) column_from_[1][column.name] = planned.stage;
      if (column.in_labelled) column_from_[2][column.name] = planned.stage;
      merge(planned, entry, column);
    }
    const auto* shard_job = planned.shard_job();
    if (shard_job != nullptr && shard_job->removes_records()) ids_from_ = planned.stage;
    if (shard_job != nullptr && shard_job->rewrites_records()) rewritten_by_.push_back(planned.stage);
    if (ids_from_ == planned.stage || (!rewritten_by_.empty() && rewritten_by_.back() == planned.stage)) {
      changed_by_.push_back(planned.stage);
    }
    const auto* collective = planned.collective_job();
    if (collective != nullptr && collective->makes_subset()) subset_ = true;
  }

 private:
  void check_new(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column) const {
    const bool in_pool = column.in_pool && column_from_[0].contains(column.name);
    const bool in_curated = column.in_curated && column_from_[1].contains(column.name);
    const bool in_labelled = column.in_labelled && column_from_[2].contains(column.name);
    if (!in_pool && !in_curated && !in_labelled) return;
    throw ConfigError(place_of(entry, column.name),
                      fmt::format("'{}' writes the column '{}', which exists already; choose another "
                                  "name with 'as'",
                                  planned.name, column.name));
  }

  ColumnSpec* find(const std::string& name) {
    const auto column = std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) { return c.name == name; });
    return column == columns_.end() ? nullptr : &*column;
  }

  /// A column of the pool and one of the curated records, made in different places, are one when they have one name.
  void merge(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column) {
    ColumnSpec* known = find(column.name);
    if (known == nullptr) {
      columns_.push_back(column);
      return;
    }
    if (known->kind != column.kind) {
      throw ConfigError(place_of(entry, column.name),
                        fmt::format("'{}' writes numbers to the column '{}', but other records "
                                    "have vectors of this name; choose another name with 'as'",
                                    planned.name, column.name));
    }
    if (column.in_pool) known->unit_length = column.unit_length;
    if (column.in_curated) known->curated_unit_length = column.curated_unit_length;
    known->in_pool = known->in_pool || column.in_pool;
    known->in_curated = known->in_curated || column.in_curated;
    known->in_labelled = known->in_labelled || column.in_labelled;
  }

  void add_vectors(const std::vector<corpus::SourceSpec>& specs, Population population, bool ColumnSpec::*where) {
    for (const auto& spec : specs) {
      if (spec.as.empty()) continue;
      column_from_[index_of(population)][spec.as] = ingest_stage;
      if (find(spec.as) == nullptr) columns_.push_back({spec.as, ColumnSpec::Kind::vector, false, false, false});
      find(spec.as)->*where = true;
    }
  }

  const CorpusOptions& corpus_;
  std::vector<ColumnSpec> columns_;
  ByPopulation<std::map<std::string, std::size_t>> column_from_;
  std::size_t ids_from_ = ingest_stage;
  std::vector<std::size_t> rewritten_by_;
  std::vector<std::size_t> changed_by_;
  bool subset_ = false;
};

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
  if (!planned.job->reads_text() || config.corpus.pool.front().as.empty()) return;
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
  for (const auto& column : planned.job->writes()) check_column_name(place_of(entry, column.name), column.name);
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

PlannedJob plan_job(const JobEntry& entry, std::size_t stage, const Config& config, const JobTypes& types,
                    const State& state) {
  PlannedJob planned;
  planned.stage = stage;
  planned.name = entry.job;
  planned.place = entry.place;
  planned.share = entry.share;
  Node options = entry.options;
  if (options.place.file == nullptr || options.kind == Node::Kind::null) options.place = entry.place;
  planned.job = find_type(entry, types).make(options, state.setup(config));
  check_column_names(planned, entry);
  state.check_place(planned);
  state.resolve(planned);
  state.check_reads(planned, entry);
  check_text(planned, config);
  check_other_records(planned, entry, config);
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
      if (group.size() > 1) check_parallel(planned[i]);
      check_outputs(planned[i], group[i], config_.run.output, outputs_);
      state_.add(planned[i], group[i]);
    }
    return planned;
  }

  const State& state() const { return state_; }

 private:
  const Config& config_;
  const JobTypes& types_;
  State state_;
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

bool treats(const Job& job, Population population, const std::vector<corpus::SourceSpec>& sources) {
  const auto* shard_job = dynamic_cast<const ShardJob*>(&job);
  if (shard_job == nullptr || sources.empty()) return false;
  if (population == Population::curated && !shard_job->covers_curated()) return false;
  if (population == Population::labelled && !shard_job->covers_labelled()) return false;
  return !job.reads_text() || sources.front().as.empty();
}

bool uses(const Job& job, Population population) {
  if (population == Population::curated) return job.uses_curated();
  return population == Population::labelled && job.uses_labelled();
}

Plan make_plan(const Config& config, const JobTypes& types, const std::string& until) {
  for (const auto population : populations) {
    const auto& sources = sources_of(config.corpus, population);
    if (!sources.empty()) check_sources(sources, name_of(population));
  }
  Plan plan;
  Planner planner(config, types);
  auto group = config.pipeline.begin();
  bool found = until.empty() || until == "ingest";
  for (; group != config.pipeline.end() && (until.empty() || !found); ++group) {
    plan.groups.push_back(planner.plan(*group));
    found = found || std::any_of(group->begin(), group->end(), [&](const auto& entry) { return entry.job == until; });
  }
  planner.state().resolve(plan.end);
  if (!found) throw UsageError(fmt::format("--until {}: the pipeline has no such job", until));
  plan.resolved = resolve_config(config, plan);
  try {
    for (; group != config.pipeline.end(); ++group) plan.later.push_back(planner.plan(*group));
  } catch (const ConfigError&) {
    // A file that a later job attaches may still have to be made from what this run writes.
  }
  return plan;
}

}  // namespace farpoint::pipeline
