// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/record_set.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "farpoint/pipeline/text_sizes.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

/// Numbers of a shard, a job, or anything between; they add up.
struct Tally {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t rejected = 0;
  std::uint64_t failed = 0;
  std::uint64_t units = 0;
  std::map<std::string, std::uint64_t> counters;

  Tally& operator+=(const Tally& other);
  store::Attributes to_attributes() const;
  static Tally from_attributes(const store::Attributes& attributes);

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& in& out& rejected& failed& units& counters;
  }
};

/// One shard to be made.
struct ShardTask {
  const RecordSet* set = nullptr;
  std::size_t shard = 0;
  std::uint64_t cost = 0;  ///< for sharing out
  std::size_t chain = 0;   ///< tasks of one chain go to one rank, in order: they read one compressed file
  std::uint64_t size = 0;  ///< what it adds to the progress line
  Hash128 key;             ///< hash of everything that the shard depends on
  std::string name() const { return set->shard_name(shard); }
};

struct ShardContent {
  std::vector<store::Column> columns;
  Tally tally;
  TextSizes sizes;  ///< of its texts; empty where it has none
};

/// What a stage's shards came to.
struct StageTally {
  ByPopulation<Tally> totals;                                   ///< by population
  std::uint64_t resumed = 0;                                    ///< shards that were kept from before
  std::vector<std::pair<Population, std::uint64_t>> rejecting;  ///< shards that list rejects, in order
  double work_seconds = 0;                                      ///< of the busiest rank, making shards
  std::uint64_t made_units = 0;                                 ///< units of the shards made now
  ByPopulation<std::vector<TextSizes>> sizes;                   ///< by population and shard
  std::vector<std::uint64_t> staying;                           ///< records of the pool that go on, by shard
};

/// The tasks of one rank, in order.
std::vector<const ShardTask*> tasks_of_rank(const std::vector<ShardTask>& tasks, int rank, int ranks);

/// Makes the shards of a stage, each as one file in `folder`. A file that is there, undamaged and of the same key is
/// kept; the ranks share the others by their costs. `begin` is called once before the first shard is made, on all ranks
/// together and only if any rank has one to make; it is told whether this rank has. When all are there the stage's
/// record says so (stage_record.hpp), and shards of an earlier run that are beyond `tasks` are removed. Collective; the
/// same result on every rank. When the run is to stop, each rank finishes the shard in hand, or gives it up
/// (StopRequest::check_piece), and all throw what StopPoints throws.
StageTally make_shards(comm::Communicator& comm, const std::filesystem::path& folder,
                       const std::vector<ShardTask>& tasks, ProgressLine& progress, StopPoints& stops,
                       const std::function<void(bool has_work)>& begin,
                       const std::function<ShardContent(const ShardTask&)>& make);

}  // namespace farpoint::pipeline
