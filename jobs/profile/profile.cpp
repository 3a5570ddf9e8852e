// SPDX-License-Identifier: Apache-2.0
// jobs/profile/profile.cpp: statistics of the corpus before and after each stage that changed it.

#include <algorithm>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <chrono>

#include "chosen_tokenizer.hpp"
#include "corpus_state.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/text/beginning.hpp"
#include "jobs.hpp"
#include "options.hpp"
#include "report.hpp"
#include "samples.hpp"
#include "stage_effects.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Rules and details of all that acted on a record, each once and in order.
std::string joined(std::span<const TraceEntry> entries, std::string TraceEntry::*part, std::string_view separator) {
  std::vector<std::string> parts;
  for (const auto& entry : entries) {
    const auto& text = entry.*part;
    if (!text.empty() && std::find(parts.begin(), parts.end(), text) == parts.end()) parts.push_back(text);
  }
  std::string all;
  for (const auto& text : parts) all += (all.empty() ? "" : std::string(separator)) + text;
  return all;
}

/// Goes through the corpus once for each state, a shard at a time.
class Profiler {
 public:
  Profiler(const ProfileOptions& options, JobContext& context, std::shared_ptr<const tokenizer::Tokenizer> tokenizer)
      : options_(options),
        context_(context),
        places_(context.source_names()),
        counter_(context.comm(), options, places_.names().size(), std::move(tokenizer)),
        states_(context.past_stages().size() + 1) {}

  JobResult run() {
    const auto start = std::chrono::steady_clock::now();
    std::string name = "00-ingest";
    for (const auto& stage : context_.past_stages()) {
      pass_before(stage);
      corpus_.push_back(counter_.finish(name));
      name = stage.name;
    }
    context_.for_each_shard(Population::pool, [&](const Shard& shard) { count(shard, shard.texts(options_.text)); });
    corpus_.push_back(counter_.finish(name));
    write();
    auto result = summarise();
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  void count(const Shard& shard, const store::Strings& texts) {
    counter_.add(texts, places_.of(shard));
    done_ += texts.size();
    // Only rank 0 shows it, and knows its own part alone: the others are about as far.
    const auto ranks = static_cast<std::uint64_t>(context_.comm().size());
    const auto total = context_.pool_records() * states_;
    context_.progress(std::min(done_ * ranks, total), total);
  }

  void pass_before(const PastStage& stage) {
    const auto seed = context_.config().run.seed;
    RecordSample removed(options_.sample, seed), kept(options_.sample, seed);
    std::vector<EffectCounts> effects(places_.names().size());
    context_.for_each_shard_before(stage, [&](const Shard& shard, const ShardChanges& changes) {
      const auto texts = shard.texts(options_.text);
      const auto sources = places_.of(shard);
      const auto ids = shard.ids();
      const auto fates = fates_of(ids, changes);
      for (std::size_t i = 0; i < ids.size(); ++i) {
        effects[sources[i]].add(fates[i], stage.job);
        auto& sample = fates[i].removed != nullptr ? removed : kept;
        sample.offer(ids[i], [&] { return sampled(shard, i, places_.names()[sources[i]], texts[i], fates[i]); });
      }
      count(shard, texts);
    });
    effects_.push_back({stage, sum_over_ranks(context_.comm(), effects)});
    for (auto* sample : {&removed, &kept}) {
      for (const auto& record : sample->finish(context_.comm())) lines_ += to_line(stage.name, record);
    }
  }

  SampledRecord sampled(const Shard& shard, std::size_t row, const std::string& source, std::string_view text,
                        const Fate& fate) {
    SampledRecord record;
    record.is_kept = fate.removed == nullptr;
    record.source = source;
    record.before = text::beginning(text, shown_characters);
    if (fate.removed != nullptr) {
      record.rule = fate.removed->rule;
      record.detail = fate.removed->detail;
      return record;
    }
    record.rule = joined(fate.acted, &TraceEntry::rule, ", ");
    record.detail = joined(fate.acted, &TraceEntry::detail, "; ");
    if (fate.rewritten) {
      record.is_changed = true;
      const auto after = text_of(*fate.rewritten, context_.config().corpus.pool.at(shard.sources()[row]));
      record.after = text::beginning(after, shown_characters);
    }
    return record;
  }

  std::string text_of(std::string_view json, const corpus::SourceSpec& source) {
    const auto parsed = parser_.parse(json, source.fields);
    const auto* record = std::get_if<corpus::Record>(&parsed);
    // A job that leaves a record without text does not let it go on.
    return record == nullptr ? std::string() : corpus::view(*record, options_.text);
  }

  void write() const {
    comm::agree(context_.comm(), [&] {
      if (context_.comm().rank() != 0) return;
      const auto& folder = context_.run_folder();
      write_file(folder / options_.path, profile_json(options_, places_.names(), corpus_, effects_));
      if (options_.sample > 0) write_file(folder / options_.samples_path(), lines_);
    });
  }

  JobResult summarise() const {
    JobResult result;
    std::map<std::string, double> facts;
    if (context_.comm().rank() == 0) {
      add_facts(corpus_.front(), "_before", facts);
      add_facts(corpus_.back(), "", facts);
    }
    comm::broadcast_object(context_.comm(), facts, 0);
    result.in = result.out = static_cast<std::uint64_t>(facts.at("records"));
    result.units = comm::all_reduce(context_.comm(), done_, comm::Reduction::sum);
    result.facts = std::move(facts);
    return result;
  }

  void add_facts(const CorpusState& state, const std::string& ending, std::map<std::string, double>& facts) const {
    const auto& texts = state.texts.back();
    facts["records" + ending] = static_cast<double>(texts.records);
    facts["bytes" + ending] = static_cast<double>(texts.bytes);
    facts["words" + ending] = static_cast<double>(texts.words.sum());
    if (!options_.tokenizer.empty()) facts["tokens" + ending] = static_cast<double>(texts.tokens.sum());
    if (options_.vocabulary) facts["vocabulary" + ending] = static_cast<double>(state.vocabularies.back().words);
  }

  const ProfileOptions& options_;
  JobContext& context_;
  SourcePlaces places_;
  StateCounter counter_;
  std::uint64_t states_;
  std::uint64_t done_ = 0;  ///< records that this rank has counted, in all states
  corpus::RecordParser parser_;
  std::vector<CorpusState> corpus_;    ///< complete on rank 0
  std::vector<StageEffects> effects_;  ///< the same
  std::string lines_;                  ///< the same: the file of samples
};

class ProfileJob final : public CollectiveJob {
 public:
  ProfileJob(ProfileOptions options, const Node& where, const JobSetup& setup)
      : options_(checked(std::move(options), where, *setup.config)) {
    if (!options_.tokenizer.empty()) tokenizer_ = choose_tokenizer("profile", options_.tokenizer, where, setup);
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool reads_history() const override { return true; }
  bool uses_seed() const override { return options_.sample > 0; }
  std::vector<std::string> outputs() const override {
    std::vector<std::string> files{options_.path};
    if (options_.sample > 0) files.push_back(options_.samples_path());
    return files;
  }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    // It hangs on what the tokenizer's file holds, not on its name.
    if (results_only) node.set("tokenizer", Codec<bool>::encode(!options_.tokenizer.empty()));
    return node;
  }
  std::vector<std::filesystem::path> model_files() const override {
    if (!tokenizer_.tokenizer) return {};
    return {tokenizer_.file};
  }

  JobResult run(JobContext& context) override { return Profiler(options_, context, tokenizer_.tokenizer).run(); }

 private:
  ProfileOptions options_;
  ChosenTokenizer tokenizer_;
};

}  // namespace

JobType profile_job() {
  return job_type<ProfileJob, ProfileOptions>(
      "profile", "statistics and samples of the corpus before and after each stage (docs/profile.md)");
}

}  // namespace farpoint::jobs
