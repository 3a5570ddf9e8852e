// SPDX-License-Identifier: Apache-2.0
#include "stale_results.hpp"

#include "farpoint/base/log.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "farpoint/store/table_file.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

bool has_key(const store::Attributes& record, const Hash128& key) {
  const auto found = record.find("key");
  return found != record.end() && found->second == key.hex();
}

/// Files of other programs stay, whatever their name: only what the record says is the job's own.
void drop_outputs(const RunFolder& folder, const CollectiveJob& job, const std::optional<store::Attributes>& record) {
  for (const auto& output : job.outputs()) {
    if (job.makes_subset() || (record && is_output_of(*record, folder, output))) fs::remove(folder.path / output);
  }
}

void drop_stale_stage(const RunFolder& folder, const StageData& stage, const Job* job) {
  const auto path = record_of_stage(stage.folder);
  const auto* collective = dynamic_cast<const CollectiveJob*>(job);
  if (collective == nullptr) {
    if (recorded_shards(stage.folder) != stage.keys) fs::remove(path);
    return;
  }
  const auto record = store::intact_shard(path);
  if (record && has_key(*record, stage.key)) return;
  drop_outputs(folder, *collective, record);
  fs::remove(path);
}

bool makes_subset(const Plan& plan) {
  for (const auto& group : plan.groups) {
    for (const auto& planned : group) {
      const auto* job = dynamic_cast<const CollectiveJob*>(planned.job.get());
      if (job != nullptr && job->makes_subset()) return true;
    }
  }
  return false;
}

/// Whether a subset was chosen from the pool as it is now.
bool is_of_pool(const fs::path& subset, const Hash128& pool) {
  try {
    const auto attributes = store::TableFile(subset).attributes();
    const auto hash = attributes.find("pool_sha");
    return hash != attributes.end() && hash->second == store::Attribute(pool.hex());
  } catch (const Error&) {
    return false;
  }
}

/// A run that stops early cannot tell whether the select behind it would choose the same. What may have taken hours is
/// kept then, as long as it is of this pool.
void drop_foreign_subset(const RunFolder& folder, const Data& data, bool is_part) {
  if (!fs::exists(folder.subset())) return;
  if (!is_part || !is_of_pool(folder.subset(), data.pool_hash())) {
    fs::remove(folder.subset());
    return;
  }
  log::warning("{} is of an earlier run that went further than this one", folder.subset().string());
}

}  // namespace

void drop_stale_results(const RunFolder& folder, const Data& data, const Plan& plan, bool is_part) {
  for (std::size_t stage = 0; stage < data.stages.size(); ++stage) {
    const auto* planned = plan.find(stage);
    drop_stale_stage(folder, data.stages[stage], planned == nullptr ? nullptr : planned->job.get());
  }
  if (!makes_subset(plan)) drop_foreign_subset(folder, data, is_part);
}

}  // namespace farpoint::pipeline
