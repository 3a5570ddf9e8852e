// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "farpoint/pipeline/plan.hpp"

namespace farpoint::pipeline {

/// Where an entry says `text`, as a key or a value; else the place of the job: there an error about it belongs.
const Place& place_of(const JobEntry& entry, const std::string& text);

/// What the jobs before the one in hand have left behind. Its checks throw ConfigError, or gather (problems.hpp).
class PlanState {
 public:
  explicit PlanState(const CorpusOptions& corpus);

  JobSetup setup(const Config& config) const { return {&config, subset_, columns_}; }

  void check_place(const PlannedJob& planned) const;
  void check_reads(const PlannedJob& planned, const JobEntry& entry) const;
  /// Gives the job what stands before it.
  void resolve(PlannedJob& planned) const;
  void add(const PlannedJob& planned, const JobEntry& entry);

  /// Remembers a job that could not be made: what it would have written shall not be missed. By the name that its
  /// columns have, or would have had by default; of a job that nobody knows (`type` null), by none.
  void add_broken(const JobEntry& entry, const JobType* type);
  /// True when an error says nothing new: it names a column that a job would have written which is wrong itself.
  bool is_consequence(const std::string& message) const;

 private:
  bool may_come_from_broken(const std::string& name) const;
  [[noreturn]] void throw_no_column(const PlannedJob& planned, const JobEntry& entry, const std::string& name) const;
  void check_new(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column) const;
  ColumnSpec* find(const std::string& name);
  /// A column of the pool and one of the curated records, made in different places, are one when they have one name.
  void merge(const PlannedJob& planned, const JobEntry& entry, const ColumnSpec& column);
  void add_vectors(const std::vector<corpus::SourceSpec>& specs, Population population, bool ColumnSpec::*where);

  const CorpusOptions& corpus_;
  std::vector<ColumnSpec> columns_;
  ByPopulation<std::map<std::string, std::size_t>> column_from_;
  std::size_t ids_from_ = ingest_stage;
  std::vector<std::size_t> rewritten_by_;
  std::vector<std::size_t> changed_by_;
  std::vector<std::string> broken_;  // columns that jobs would have written which are wrong
  bool misses_any_ = false;          // ... and which these are is not known
  bool subset_ = false;
};

}  // namespace farpoint::pipeline
