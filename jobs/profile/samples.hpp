// SPDX-License-Identifier: Apache-2.0
// jobs/profile/samples.hpp: records for checking by eye.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::jobs {

/// Characters of a text that are shown.
constexpr std::size_t shown_characters = 2000;

struct SampledRecord {
  std::uint64_t key = 0;  ///< random bits of its id
  std::uint64_t id = 0;
  bool is_kept = false;
  std::string source;
  std::string rule;    ///< of a changed record all that acted, joined by commas
  std::string detail;  ///< the same, joined by semicolons
  std::string before;
  std::string after;
  bool is_changed = false;  ///< else there is no `after`

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& key& id& is_kept& source& rule& detail& before& after& is_changed;
  }
};

/// A sample of records drawn by a seed and their ids alone: those with the lowest random bits. It holds no more than it
/// was asked for.
class RecordSample {
 public:
  RecordSample(std::size_t size, std::uint64_t seed) : size_(size), seed_(seed) {}

  /// Calls make() only for a record that is among the lowest so far.
  void offer(std::uint64_t id, const std::function<SampledRecord()>& make);

  /// Of all ranks in order of id on rank 0, elsewhere nothing. Collective.
  std::vector<SampledRecord> finish(comm::Communicator& comm);

 private:
  void insert(SampledRecord record);

  std::size_t size_;
  std::uint64_t seed_;
  std::vector<SampledRecord> heap_;  ///< the highest first
};

/// A line of the file of samples, with its line break.
std::string to_line(const std::string& stage, const SampledRecord& record);

}  // namespace farpoint::jobs
