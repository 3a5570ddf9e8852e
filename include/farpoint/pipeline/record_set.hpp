// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/source.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::pipeline {

/// Where the records of a population lie: its files in order, the records in each, and how they are cut into shards.
/// A record's id is its position; shard s holds the ids from s * shard_records on. None of it depends on the ranks.
struct RecordSet {
  Population population = Population::pool;
  std::vector<corpus::InputFile> files;
  std::vector<corpus::FileIndex> indexes;
  std::vector<std::uint64_t> first_id;  ///< of each file, and the number of records behind the last
  std::uint64_t shard_records = 0;      ///< above 0 where there are records

  std::uint64_t records() const { return first_id.empty() ? 0 : first_id.back(); }
  std::size_t shards() const {
    if (records() == 0) return 0;  // a population that is not there has no size of shards either
    return static_cast<std::size_t>(records() / shard_records + (records() % shard_records == 0 ? 0 : 1));
  }
  std::pair<std::uint64_t, std::uint64_t> range(std::size_t shard) const;
  std::string shard_name(std::size_t shard) const;  ///< "shard-00012.h5", "curated-00000.h5"

  /// The part of a shard that lies in one file.
  struct Segment {
    std::size_t file = 0;
    std::uint64_t begin = 0;  ///< records of the file
    std::uint64_t end = 0;
  };
  std::vector<Segment> segments(std::size_t shard) const;
  /// Changes when any byte of the shard's records, their position or their files' place in the list changes.
  Hash128 fingerprint(std::size_t shard) const;
  std::uint64_t approximate_bytes(std::size_t shard) const;
  std::uint64_t total_bytes() const;
};

/// Finds all records of `files`; the ranks share the reading. Collective; the same result on every rank.
/// `files` must be the same on every rank. Throws, on all ranks, when one cannot read its part.
std::vector<corpus::FileIndex> scan_files(comm::Communicator& comm, const std::vector<corpus::InputFile>& files);

RecordSet make_record_set(Population population, std::vector<corpus::InputFile> files,
                          std::vector<corpus::FileIndex> indexes, std::uint64_t shard_records);

}  // namespace farpoint::pipeline
