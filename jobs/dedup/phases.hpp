// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/phases.hpp: what the methods have found out so far, on disk, for a run that is killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "duplicates.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::jobs {

/// All that the methods behind a phase need to know of those before it.
struct PhaseState {
  Duplicates found;
  std::vector<std::uint64_t> components;  ///< [found.ids]: the lowest id of the record's component
  std::vector<std::uint8_t> hits;         ///< [found.ids]: 1 for duplicates of curated records
};

/// The folder `phases` in a job's folder: for each phase one file a shard, and one that says that they are all there.
/// A run with any number of ranks may read them.
class PhaseFiles {
 public:
  /// `key`: the fingerprint of everything that the state depends on.
  PhaseFiles(comm::Communicator& comm, const std::filesystem::path& job_folder, std::string key,
             std::uint64_t shard_records);

  /// Keeps the state behind the phase of `method`. Records are in order of id, whole shards of them. Collective.
  void write(DuplicateBy method, const PhaseState& state) const;
  /// Whether there is something of this phase under this key. The same on every rank. Collective.
  bool has(DuplicateBy method) const;
  /// The state of the records `ids`, which are those of whole shards. Nothing, on every rank, where any of the files is
  /// gone, damaged or of another key; the log says which. Collective.
  std::optional<PhaseState> read(DuplicateBy method, const std::vector<std::uint64_t>& ids) const;

  /// Removes the folder. Not collective: nobody may be reading or writing it.
  static void remove(const std::filesystem::path& job_folder);

 private:
  std::filesystem::path record(DuplicateBy method) const;
  std::filesystem::path file(DuplicateBy method, std::uint64_t shard) const;
  bool read_shard(DuplicateBy method, std::uint64_t shard, PhaseState& state) const;

  comm::Communicator& comm_;
  std::filesystem::path folder_;
  std::string key_;
  std::uint64_t shard_records_;
};

}  // namespace farpoint::jobs
