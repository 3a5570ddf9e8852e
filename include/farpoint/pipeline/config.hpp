// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/base/device.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/source.hpp"
#include "farpoint/pipeline/options.hpp"
#include "farpoint/pipeline/population.hpp"

namespace farpoint::pipeline {

struct RunOptions {
  std::string output = "farpoint-run";
  std::uint64_t seed = 17;
  Device device = Device::automatic;
  std::uint64_t stall_timeout = 1800;    ///< seconds; 0: never
  std::optional<std::uint64_t> threads;  ///< unset: fair_threads() of base/machine.hpp
  static Fields<RunOptions> fields();
};

struct CorpusOptions {
  std::vector<corpus::SourceSpec> pool;
  std::vector<corpus::SourceSpec> curated;
  std::vector<corpus::SourceSpec> labelled;
  std::uint64_t shard_records = 4096;
  std::uint64_t max_record_bytes = 16U << 20;
  double max_reject_fraction = 0.05;
  static Fields<CorpusOptions> fields();
};

/// The sources of a population.
inline const std::vector<corpus::SourceSpec>& sources_of(const CorpusOptions& corpus, Population population) {
  const ByPopulation<const std::vector<corpus::SourceSpec>*> lists{&corpus.pool, &corpus.curated, &corpus.labelled};
  return *lists[index_of(population)];
}

struct ModelOptions {
  std::string path;
  Precision precision = Precision::fp32;
  Place place;  ///< of the path, for errors about the folder
  static Fields<ModelOptions> fields();
};

/// One job of the pipeline as the user wrote it.
struct JobEntry {
  std::string job;
  Node options;
  Place place;
  double share = 1;  ///< of the ranks, inside `parallel:`
};

/// Jobs that run at the same time on disjoint groups of ranks; a single job is a group of one.
using JobGroup = std::vector<JobEntry>;

struct Config {
  RunOptions run;
  CorpusOptions corpus;
  std::map<std::string, ModelOptions> models;
  std::vector<JobGroup> pipeline;
  std::filesystem::path folder;  ///< relative paths in the configuration are relative to it
};

/// Gives the nodes their meaning. Throws ConfigError. Job options are checked later, by the jobs (plan.hpp).
Config read_config(const Node& root, const std::filesystem::path& folder);

/// The documentation of everything but the jobs: section name ("run", "corpus", ...) to its fields.
std::vector<std::pair<std::string, std::vector<FieldDoc>>> document_config();

template <>
struct Names<Device> {
  static constexpr std::array<std::string_view, 3> values{"auto", "cpu", "cuda"};
};
template <>
struct Names<Precision> {
  static constexpr std::array<std::string_view, 3> values{"fp32", "bf16", "fp16"};
};
template <>
struct Names<corpus::Format> {
  static constexpr std::array<std::string_view, 6> values{"auto", "jsonl", "json", "txt", "npy", "parquet"};
};
template <>
struct Names<corpus::TextView> {
  static constexpr std::array<std::string_view, 4> values{"prompt", "response", "full", "conversation"};
};
template <>
struct OptionsOf<corpus::SourceSpec> {
  static Fields<corpus::SourceSpec> fields();
};

}  // namespace farpoint::pipeline
