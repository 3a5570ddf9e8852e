// SPDX-License-Identifier: Apache-2.0
// jobs/profile/stage_effects.hpp: what one stage did to the records, in numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// What became of one record. Refers to the ShardChanges that it is made of.
struct Fate {
  const pipeline::TraceEntry* removed = nullptr;  ///< null: it went on
  std::span<const pipeline::TraceEntry> acted;    ///< on a record that went on
  std::optional<std::string_view> rewritten;      ///< its whole JSON text, where that was changed
};

/// Of each of the shard's records, in their order.
std::vector<Fate> fates_of(std::span<const std::uint64_t> ids, const pipeline::ShardChanges& changes);

using RuleCounts = std::map<std::string, std::uint64_t>;

/// Records. A record that several rules changed counts for each of them, one that was removed for the last alone.
struct EffectCounts {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t changed = 0;
  RuleCounts removed_by;  ///< by rule
  RuleCounts changed_by;  ///< by rule; of a job that does not say, its name
  RuleCounts noted_by;    ///< by rule that said something of a record and changed nothing
  RuleCounts duplicates;  ///< of removed_by, the rules that remove copies

  void add(const Fate& fate, const std::string& job);
  EffectCounts& operator+=(const EffectCounts& other);

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& in& out& changed& removed_by& changed_by& noted_by& duplicates;
  }
};

struct StageEffects {
  pipeline::PastStage stage;
  std::vector<EffectCounts> counts;  ///< by source, and behind them what all of them come to
};

/// Of all ranks on rank 0, elsewhere nothing. `mine`: [sources]. Collective.
std::vector<EffectCounts> sum_over_ranks(comm::Communicator& comm, const std::vector<EffectCounts>& mine);

}  // namespace farpoint::jobs
