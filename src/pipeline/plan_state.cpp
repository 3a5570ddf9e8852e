// SPDX-License-Identifier: Apache-2.0
#include "plan_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "plan_populations.hpp"

namespace farpoint::pipeline {

namespace {

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

}  // namespace

const Place& place_of(const JobEntry& entry, const std::string& text) {
  const auto* place = find_text(entry.options, text);
  return place != nullptr ? *place : entry.place;
}

PlanState::PlanState(const CorpusOptions& corpus) : corpus_(corpus) {
  add_vectors(corpus.pool, Population::pool, &ColumnSpec::in_pool);
  add_vectors(corpus.curated, Population::curated, &ColumnSpec::in_curated);
  add_vectors(corpus.labelled, Population::labelled, &ColumnSpec::in_labelled);
}

void PlanState::check_place(const PlannedJob& planned) const {
  const auto* collective = planned.collective_job();
  if (!subset_ || (collective != nullptr && collective->follows_subset())) return;
  throw ConfigError(planned.place, fmt::format("'{}' cannot stand behind the select: the subset is already written; "
                                               "move it up",
                                               planned.name));
}

void PlanState::check_reads(const PlannedJob& planned, const JobEntry& entry) const {
  for (const auto& name : planned.job->reads()) {
    if (planned.column_from[0].contains(name) || may_come_from_broken(name)) continue;
    attempt([&] { throw_no_column(planned, entry, name); });
  }
}

void PlanState::add_broken(const JobEntry& entry, const JobType* type) {
  if (const auto* as = entry.options.find("as"); as != nullptr && !as->text.empty()) {
    broken_.push_back(as->text);
    return;
  }
  if (type == nullptr) {
    misses_any_ = true;
    return;
  }
  for (const auto& field : type->document()) {
    if (field.key == "as" && !field.fallback.empty()) broken_.push_back(field.fallback);
  }
}

bool PlanState::is_consequence(const std::string& message) const {
  if (misses_any_) return true;
  return std::any_of(broken_.begin(), broken_.end(), [&](const std::string& name) {
    return message.find("'" + name + "'") != std::string::npos || message.find("'" + name + ".") != std::string::npos;
  });
}

void PlanState::resolve(PlannedJob& planned) const {
  planned.ids_from = ids_from_;
  planned.rewritten_by = rewritten_by_;
  planned.changed_by = changed_by_;
  planned.column_from = column_from_;
  planned.columns = columns_;
}

void PlanState::add(const PlannedJob& planned, const JobEntry& entry) {
  const bool curated = can_treat(*planned.job, Population::curated, corpus_.curated);
  const bool labelled = can_treat(*planned.job, Population::labelled, corpus_.labelled);
  for (auto column : planned.job->writes()) {
    column.in_curated = column.in_curated && curated;
    column.in_labelled = labelled;
    column.curated_unit_length = column.in_curated && column.unit_length;
    if (!attempt([&] { check_new(planned, entry, column); })) continue;
    if (column.in_pool) column_from_[0][column.name] = planned.stage;
    if (column.in_curated) column_from_[1][column.name] = planned.stage;
    if (column.in_labelled) column_from_[2][column.name] = planned.stage;
    attempt([&] { merge(planned, entry, column); });
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

bool PlanState::may_come_from_broken(const std::string& name) const {
  if (misses_any_) return true;
  return std::any_of(broken_.begin(), broken_.end(), [&](const std::string& column) {
    return name == column || name.starts_with(column + ".") || name.starts_with(column + "_");
  });
}

void PlanState::throw_no_column(const PlannedJob& planned, const JobEntry& entry, const std::string& name) const {
  std::vector<std::string> known;
  for (const auto& [column, stage] : column_from_[0]) known.push_back(column);
  auto hint = suggestion(name, known);
  if (hint.empty() && known.empty())
    hint = ": no job before it writes columns; add one above it, such as '- embed: {}'";
  if (hint.empty()) hint = fmt::format("; at this point there are {}", fmt::join(known, ", "));
  throw ConfigError(place_of(entry, name),
                    fmt::format("'{}' reads the column '{}', which does not exist{}", planned.name, name, hint));
}

void PlanState::check_new(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column) const {
  const bool in_pool = column.in_pool && column_from_[0].contains(column.name);
  const bool in_curated = column.in_curated && column_from_[1].contains(column.name);
  const bool in_labelled = column.in_labelled && column_from_[2].contains(column.name);
  if (!in_pool && !in_curated && !in_labelled) return;
  throw ConfigError(place_of(entry, column.name),
                    fmt::format("'{}' writes the column '{}', which exists already; choose another "
                                "name with 'as'",
                                planned.name, column.name));
}

ColumnSpec* PlanState::find(const std::string& name) {
  const auto column = std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) { return c.name == name; });
  return column == columns_.end() ? nullptr : &*column;
}

void PlanState::merge(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column) {
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

void PlanState::add_vectors(const std::vector<corpus::SourceSpec>& specs, Population population,
                            bool ColumnSpec::*where) {
  for (const auto& spec : specs) {
    if (spec.as.empty()) continue;
    column_from_[index_of(population)][spec.as] = ingest_stage;
    if (find(spec.as) == nullptr) columns_.push_back({spec.as, ColumnSpec::Kind::vector, false, false, false});
    find(spec.as)->*where = true;
  }
}

}  // namespace farpoint::pipeline
