// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/need.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/pipeline/runner.hpp"

/// What a run will need, before it begins: docs/estimate.md has the methods, and how far they are off.
namespace farpoint::pipeline {

/// The corpus, as a small part of it tells.
struct CorpusSample {
  ByPopulation<std::uint64_t> records{};
  ByPopulation<std::uint64_t> bytes{};        ///< decompressed; of npy files what they hold
  std::uint64_t vector_bytes = 0;             ///< of them, of the pool's npy files
  std::uint64_t stored = 0;                   ///< on disk, in all populations
  std::map<std::string, std::size_t> widths;  ///< numbers in a row of the npy sources' columns
  std::vector<corpus::Record> texts;          ///< records of the pool, parsed
  bool is_exact = true;                       ///< records and bytes are counted, not estimated
};

/// Reads about 4 MiB of at most 16 files of each population, spread over them by `seed`; the other files are taken to
/// be alike, source by source. Throws UsageError and Error for files that cannot be read.
CorpusSample sample_corpus(const CorpusFiles& files, const Config& config, std::uint64_t seed);

/// What a run is estimated for.
struct Machine {
  int ranks = 1;
  int ranks_per_node = 1;         ///< consecutive ranks share a node
  int threads = 1;                ///< of each rank
  std::uint64_t memory = 0;       ///< of a node, that can be had; 0: unknown, everything fits
  std::uint64_t disk = 0;         ///< free where the run will lie; 0: unknown
  std::uint64_t program = 0;      ///< resident size of the program as it starts
  std::uint64_t library = 0;      ///< what a rank that runs models loads besides
  double core_speed = 1;          ///< of a core at texts, as a multiple of the reference machine's
  double core_flops = 0;          ///< of a core at products of matrices; 0: unknown
  double gpu_flops = 0;           ///< of a rank's GPU, as models use it; 0: no GPU
  double file_bandwidth = 400e6;  ///< of a node, bytes/s
  double link_bandwidth = 1e9;    ///< of a rank, bytes/s
  bool counts_tokens = true;      ///< see Workload
};

/// What earlier runs have left of a stage.
struct StageRemains {
  bool is_done = false;
  std::uint64_t bytes = 0;
};
/// By stage, the ingest first. What is done may be out of date: only a run can tell.
std::vector<StageRemains> remains_of(const RunFolder& folder, const Plan& plan);

struct JobEstimate {
  std::string job;
  std::string as;
  int ranks = 1;  ///< that it runs on: in a parallel group its share
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;          ///< of the records' texts
  std::uint64_t tokens = 0;         ///< through a model
  std::uint64_t memory = 0;         ///< peak resident size of one rank
  std::uint64_t shared_memory = 0;  ///< of it, what the ranks of a node share
  std::uint64_t node_memory = 0;    ///< on the fullest node while it runs, with what runs beside it
  std::uint64_t disk = 0;
  double seconds = 0;
  std::string limited_by;  ///< computing, memory, disk, files or communication
};

struct RunEstimate {
  std::vector<JobEstimate> jobs;  ///< the ingest first
  std::uint64_t memory = 0;       ///< peak resident size of one rank
  std::uint64_t node_memory = 0;  ///< on the fullest node at its peak
  std::uint64_t disk = 0;
  double seconds = 0;
  std::string limited_by;
  bool memory_fits = true;
  bool disk_fits = true;
};

/// `remains`: stages that are done are left out, and what others have on disk counts as written; empty: a run from the
/// beginning.
RunEstimate estimate_run(const Plan& plan, const Config& config, const CorpusSample& corpus, const Machine& machine,
                         const std::vector<StageRemains>& remains = {});

/// Bytes on the fullest node, when each part of a parallel group has consecutive ranks.
struct GroupPart {
  int ranks = 1;
  std::uint64_t memory = 0;  ///< of a rank
  std::uint64_t shared = 0;  ///< of it, once on each node
};
std::uint64_t fullest_node(const std::vector<GroupPart>& parts, int ranks_per_node);

/// Of 1, 2, ... `most` ranks a node on as many nodes as `machine` has, the largest number whose memory fits; 0 when
/// none does.
int fitting_ranks_per_node(const Plan& plan, const Config& config, const CorpusSample& corpus, Machine machine,
                           int most);
/// The least of 1, 2, 4, ... nodes that a run needs at `machine.ranks_per_node` ranks a node; 0 when 1,024 are not
/// enough.
int fitting_nodes(const Plan& plan, const Config& config, const CorpusSample& corpus, Machine machine);

/// Speed of a core at parsing records, as a multiple of the reference machine's (docs/estimate.md). Takes 50 ms.
double measure_core_speed();

}  // namespace farpoint::pipeline
