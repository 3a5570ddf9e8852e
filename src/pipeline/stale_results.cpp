// SPDX-License-Identifier: Apache-2.0
#include "stale_results.hpp"

#include <set>

#include "farpoint/base/log.hpp"
#include "farpoint/pipeline/stage_record.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

bool has_key(const store::Attributes& record, const Hash128& key) {
  const auto found = record.find("key");
  return found != record.end() && found->second == key.hex();
}

class StaleResults {
 public:
  StaleResults(const RunFolder& folder, const Data& data, const Plan& plan, const Staleness& how)
      : folder_(folder), data_(data), plan_(plan), how_(how) {
    // Asked first, because the record of the ingest may be the first to go.
    const auto last_pool = recorded_shards(data.stages[ingest_stage].folder);
    same_pool_ = last_pool && last_pool->at(0) == data.stages[ingest_stage].keys[0];
  }

  void drop() {
    for (const auto& stage : folder_.stages()) drop_from(stage);
    if (kept_.contains(folder_.subset().filename()) || !fs::exists(folder_.subset())) return;
    fs::remove(folder_.subset());
  }

 private:
  void drop_from(const fs::path& stage) {
    const auto path = record_of_stage(stage);
    const auto record = store::intact_shard(path);
    if (is_current(stage, record)) {
      if (record) keep_outputs(*record);
      return;
    }
    if (record) drop_outputs(*record);
    fs::remove(path);
  }

  /// Whether this run would make the same, as far as can be known.
  bool is_current(const fs::path& stage, const std::optional<store::Attributes>& record) const {
    if (how_.fresh) return false;
    for (std::size_t number = 0; number < data_.stages.size(); ++number) {
      const auto& planned = data_.stages[number];
      if (planned.folder.filename() != stage.filename()) continue;
      const auto* job = plan_.find(number);  // none for the ingest
      return job != nullptr && job->collective_job() != nullptr ? record && has_key(*record, planned.key)
                                                                : recorded_shards(stage) == planned.keys;
    }
    // A run that stops early cannot tell what the jobs behind it would make. What may have taken hours is kept then, as
    // long as the pool is the same.
    return how_.is_part && same_pool_ && stage.filename() > data_.stages.back().folder.filename();
  }

  template <typename Visit>
  void for_each_output(const store::Attributes& record, const Visit& visit) const {
    const auto prefix = output_attribute("");
    for (const auto& [name, hash] : record) {
      if (!name.starts_with(prefix)) continue;
      const auto output = name.substr(prefix.size());
      if (is_output_of(record, folder_, output)) visit(output);
    }
  }

  void keep_outputs(const store::Attributes& record) {
    for_each_output(record, [&](const std::string& output) { kept_.insert(output); });
  }

  /// Other files stay, whatever their name: only what the record says is the job's own.
  void drop_outputs(const store::Attributes& record) const {
    for_each_output(record, [&](const std::string& output) {
      // Links were written through, so what they lead to is the job's.
      fs::remove(fs::weakly_canonical(folder_.path / output));
    });
  }

  const RunFolder& folder_;
  const Data& data_;
  const Plan& plan_;
  Staleness how_;
  bool same_pool_ = false;
  std::set<std::string> kept_;
};

}  // namespace

void drop_stale_results(const RunFolder& folder, const Data& data, const Plan& plan, const Staleness& how) {
  StaleResults(folder, data, plan, how).drop();
  if (how.is_part && fs::exists(folder.subset())) {
    log::warning("{} is of an earlier run that went further than this one", folder.subset().string());
  }
}

}  // namespace farpoint::pipeline
