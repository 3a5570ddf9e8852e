// SPDX-License-Identifier: Apache-2.0
#include "removals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <filesystem>
#include <fstream>

#include "farpoint/base/random.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/pipeline/summary.hpp"
#include "farpoint/text/beginning.hpp"
#include "profile/samples.hpp"
#include "profile/stage_effects.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::uint64_t example_stream = 0x7265706f7274;  // "report": own numbers
constexpr std::size_t shown_of_text = 600;

/// A few of the records that a rule removed: those with the lowest random bits, whatever the ranks.
struct RuleExamples {
  std::uint64_t records = 0;
  std::vector<SampledRecord> shown;  ///< ascending by key

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& records& shown;
  }
};
using Examples = std::map<std::string, RuleExamples>;

bool is_lower(const SampledRecord& one, const SampledRecord& other) {
  return std::pair(one.key, one.id) < std::pair(other.key, other.id);
}

void insert(std::vector<SampledRecord>& shown, SampledRecord record, std::size_t most) {
  shown.insert(std::upper_bound(shown.begin(), shown.end(), record, is_lower), std::move(record));
  if (shown.size() > most) shown.pop_back();
}

/// What one stage removed, as one rank sees it.
class StageExamples {
 public:
  StageExamples(JobContext& context, std::size_t most) : context_(context), most_(most) {}

  void add(const Shard& shard, const ShardChanges& changes) {
    const auto ids = shard.ids();
    std::optional<store::Strings> sources;
    for (const auto& removal : changes.removed) {
      auto& rule = examples_[removal.rule];
      ++rule.records;
      SampledRecord record;
      record.key = random_bits(context_.config().run.seed, example_stream, removal.id);
      record.id = removal.id;
      if (most_ == 0 || (rule.shown.size() == most_ && !is_lower(record, rule.shown.back()))) continue;
      const auto row = static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), removal.id) - ids.begin());
      if (!sources) sources = shard.source_names();
      record.source = (*sources)[row];
      record.detail = removal.detail;
      shard.for_records(std::array{row}, [&](std::size_t, const corpus::Record& parsed) {
        record.before = text::beginning(corpus::view(parsed, corpus::TextView::full), shown_of_text);
      });
      insert(rule.shown, std::move(record), most_);
    }
  }

  /// Of all ranks on rank 0. Collective.
  Examples finish() {
    Examples all;
    for (auto& of_rank : comm::gather_objects(context_.comm(), examples_, 0)) {
      for (auto& [name, rule] : of_rank) {
        all[name].records += rule.records;
        for (auto& record : rule.shown) insert(all[name].shown, std::move(record), most_);
      }
    }
    return all;
  }

 private:
  JobContext& context_;
  std::size_t most_;
  Examples examples_;
};

Json to_json(const std::string& stage, const std::string& rule, const RuleExamples& examples) {
  Json json{{"stage", stage}, {"rule", rule}, {"records", examples.records}, {"examples", Json::array()}};
  for (const auto& record : examples.shown) {
    json["examples"].push_back(
        {{"id", record.id}, {"source", record.source}, {"text", record.before}, {"detail", record.detail}});
  }
  return json;
}

/// Of the ingest and of select, whose records did not leave by a stage's rule: what their counters say.
Json counted_reasons(const JobSummary& job) {
  Json reasons = Json::object();
  std::uint64_t counted = 0;
  const auto gone = job.tally.in - std::min(job.tally.in, job.tally.out);
  for (const auto& [name, count] : job.tally.counters) {
    const bool is_reason = job.job == "ingest" ? !name.starts_with("curated") && !name.starts_with("labelled")
                                               : name == "no_direction" || name.starts_with("filter:");
    if (!is_reason || count == 0 || counted + count > gone) continue;
    reasons[name] = count;
    counted += count;
  }
  if (job.job == "select" && gone > counted) reasons["not chosen"] = gone - counted;
  return reasons;
}

/// What the ingest refused, with the places of some. Their texts are in the corpus alone, if they have any.
Json refused_by_ingest(const std::filesystem::path& rejects, const Json& reasons, std::size_t most) {
  std::map<std::string, Json> examples;
  std::size_t missing = 0;
  for (const auto& [reason, count] : reasons.items()) {
    examples[reason] = Json::array();
    missing += std::min(most, count.get<std::size_t>());
  }
  std::ifstream file(rejects);
  for (std::string line; missing > 0 && std::getline(file, line);) {
    const auto reject = Json::parse(line, nullptr, false);
    // A line that somebody has changed is no example.
    const auto text = [&](const char* key) {
      const auto value = reject.find(key);
      return value != reject.end() && value->is_string() ? value->get<std::string>() : std::string();
    };
    const auto number = [&](const char* key) {
      const auto value = reject.find(key);
      return value != reject.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
    };
    if (!reject.is_object() || text("stage") != "ingest") continue;
    const auto found = examples.find(text("reason"));
    if (found == examples.end() || found->second.size() >= most) continue;
    found->second.push_back({{"id", number("id")},
                             {"source", text("source")},
                             {"detail", fmt::format("{}:{}", text("file"), number("line"))}});
    --missing;
  }
  Json removed = Json::array();
  for (const auto& [reason, count] : reasons.items()) {
    removed.push_back({{"stage", "00-ingest"}, {"rule", reason}, {"records", count}, {"examples", examples[reason]}});
  }
  return removed;
}

/// The largest clusters, as the dedup job has shown them: [{"kept", "size", "text", "duplicates": [...]}].
Json clusters_of(const JobSummary& dedup) {
  Json clusters = Json::array();
  if (dedup.examples.empty()) return clusters;
  for (const auto& cluster : Json::parse(dedup.examples)) {
    Json entry{{"kept", {{"id", cluster.at("kept")}, {"text", cluster.value("text", "")}}},
               {"size", cluster.at("size")},
               {"members", Json::array()}};
    for (const auto& member : cluster.at("duplicates")) {
      entry["members"].push_back(member.is_object() ? member : Json{{"id", member}});
    }
    clusters.push_back(std::move(entry));
  }
  return clusters;
}

/// Adds a job's duplicates to those of the jobs before it.
void add_duplicates(const JobSummary& dedup, const Json& reasons, Json& duplicates) {
  if (duplicates.is_null()) duplicates = {{"removed", Json::object()}, {"clusters", Json::array()}};
  for (const auto& [rule, count] : reasons.items()) {
    duplicates["removed"][rule] = duplicates["removed"].value(rule, std::uint64_t{0}) + count.get<std::uint64_t>();
  }
  for (auto& cluster : clusters_of(dedup)) duplicates["clusters"].push_back(cluster);
}

}  // namespace

Removals find_removals(JobContext& context, std::size_t examples) {
  std::map<std::size_t, Json> reasons;  // by stage
  Removals removals;
  for (const auto& stage : context.past_stages()) {
    StageExamples found(context, examples);
    context.for_each_shard_before(stage,
                                  [&](const Shard& shard, const ShardChanges& changes) { found.add(shard, changes); });
    auto& by_rule = reasons[stage.stage] = Json::object();
    for (const auto& [rule, entry] : found.finish()) {
      by_rule[rule] = entry.records;
      removals.removed.push_back(to_json(stage.name, rule, entry));
    }
  }
  if (context.comm().rank() != 0) return removals;
  const auto refused = refused_by_ingest(context.run_folder() / "rejects.jsonl",
                                         counted_reasons(context.summary().jobs.front()), examples);
  removals.removed.insert(removals.removed.begin(), refused.begin(), refused.end());
  // The jobs stand in the order of the pipeline, the ingest first.
  const auto& jobs = context.summary().jobs;
  for (std::size_t stage = 0; stage < jobs.size(); ++stage) {
    const auto& job = jobs[stage];
    if (job.job == "report") continue;  // of a finished run: it is no step of the records' way
    const auto name = fmt::format("{:02}-{}{}{}", stage, job.job, job.as.empty() ? "" : "-", job.as);
    const auto known = reasons.find(stage);
    const auto why = known == reasons.end() ? counted_reasons(job) : known->second;
    removals.funnel.push_back({{"stage", name},
                               {"job", job.job},
                               {"as", job.as},
                               {"in", job.tally.in},
                               {"out", job.tally.out},
                               {"rejected", job.tally.rejected},
                               {"failed", job.tally.failed},
                               {"reasons", why}});
    if (job.job == "dedup") add_duplicates(job, why, removals.duplicates);
  }
  return removals;
}

}  // namespace farpoint::jobs
