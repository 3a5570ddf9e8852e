// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/population.hpp"

/// What jobs are asked before a run: how much memory, disk and time records of this number and kind will need.
namespace farpoint::pipeline {

/// What a job will be given, estimated from a sample of the corpus (estimate.hpp).
struct Workload {
  int ranks = 1;
  int ranks_per_node = 1;
  int threads = 1;  ///< of each rank
  ByPopulation<std::uint64_t> records{};
  ByPopulation<std::uint64_t> bytes{};  ///< of the records' JSON texts
  std::uint64_t shard_records = 1;
  std::map<std::string, std::size_t> widths;  ///< numbers in a row of each vector column, as far as they are known
  std::vector<corpus::Record> sample;         ///< records of the pool; none where it is only vectors
  /// Tokenizing the sample is worth its time: for time, not for memory.
  bool counts_tokens = true;
  bool gpu = false;  ///< models compute on a GPU

  std::uint64_t pool() const { return records[index_of(Population::pool)]; }
  /// Records of the pool in one shard, at most.
  std::uint64_t in_shard() const { return std::min(pool(), shard_records); }
  /// Of the rank that has most: shards are dealt whole.
  std::uint64_t records_of_rank(Population population = Population::pool) const;
  /// JSON bytes of a record of the pool, on average.
  double record_bytes() const;
  /// Bytes of a shard's JSON texts.
  std::uint64_t shard_bytes() const {
    return static_cast<std::uint64_t>(record_bytes() * static_cast<double>(in_shard()));
  }
  /// A view of each sampled record.
  std::vector<std::string> texts(corpus::TextView view) const;
};

/// What a job will need.
struct Need {
  /// On the busiest rank at its peak, beside the program as it starts and the buffers of the shard in hand.
  std::uint64_t memory = 0;
  /// Of these, what pages of files take that all ranks of a node share.
  std::uint64_t shared_memory = 0;
  std::uint64_t disk = 0;    ///< written in all
  std::uint64_t read = 0;    ///< from files, in all
  std::uint64_t tokens = 0;  ///< that go through a model, in all
  double flops = 0;          ///< in all, as products of matrices
  double core_seconds = 0;   ///< in all, of other work, on one core of the reference machine (docs/estimate.md)
  std::uint64_t sent = 0;    ///< by the busiest rank, to others
  bool on_gpu = false;       ///< the flops are a GPU's
  bool uses_models = false;  ///< the library that models compute with is loaded
};

/// What most jobs need: they write their columns, hold one shard, and read texts as fast as most.
Need usual_need(const Job& job, const Workload& work);

/// Jobs that hold more than one shard, or compute more than most, derive from it besides.
class KnowsItsNeed {
 public:
  virtual ~KnowsItsNeed() = default;
  /// What it will need, before anything of the run is there.
  virtual Need estimate(const Workload& work) const = 0;
  /// Numbers in a row of its vector column; 0: unknown before it has run, or it has none.
  virtual std::size_t vector_width() const { return 0; }
};

/// What a job says of itself, or what is usual.
Need need_of(const Job& job, const Workload& work);

/// Bytes of a column's row in memory and on disk; of vectors by their width in `work`.
std::uint64_t row_bytes(const ColumnSpec& column, const Workload& work);

}  // namespace farpoint::pipeline
