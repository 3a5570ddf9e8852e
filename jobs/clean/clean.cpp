// SPDX-License-Identifier: Apache-2.0
// jobs/clean/clean.cpp: changes texts and refuses records by rules.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "chosen_tokenizer.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/clean/coherence.hpp"
#include "farpoint/clean/pattern_set.hpp"
#include "farpoint/clean/spelling.hpp"
#include "farpoint/text/hashed_tfidf.hpp"
#include "jobs.hpp"
#include "options.hpp"
#include "rules.hpp"
#include "texts.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Records that a thread takes at a time.
constexpr std::size_t block_records = 16;
/// Texts from which the weights of words are learnt that tell sentences apart.
constexpr std::uint64_t sampled_texts = 8192;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// What became of one record.
struct Outcome {
  ChangesMade changes;
  std::optional<std::string> rewritten;
  std::string full;  ///< the view, after the changes
  corpus::Record record;
  std::optional<Refusal> refusal;
  double spelling = unknown;
  double coherence = unknown;
};

class Clean final : public ShardJob {
 public:
  Clean(CleanOptions options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    check_options(options_, where);
    for (const auto population : populations) {
      for (const auto& source : sources_of(setup.config->corpus, population)) {
        fields_[index_of(population)].push_back(source.fields);
      }
    }
    // What the rules read may be gone when a finished run is looked at.
    if (setup.finished == nullptr) open_files(where, setup);
    changes_.emplace(options_);
  }

  bool reads_text() const override { return true; }
  bool rewrites_records() const override { return options_.changes_texts(); }
  bool removes_records() const override { return true; }
  // What is compared with the pool must be written alike.
  bool covers_curated() const override { return rewrites_records(); }
  bool covers_labelled() const override { return rewrites_records(); }
  std::vector<ColumnSpec> writes() const override {
    std::vector<ColumnSpec> columns;
    for (const auto& name : {options_.spelling.as, options_.coherence.as}) {
      if (!name.empty()) columns.push_back({name, ColumnSpec::Kind::scalar, false, true, true});
    }
    return columns;
  }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    if (results_only) {
      // They are part of the key by what they hold, the profile by what it has set.
      std::erase_if(node.entries, [](const auto& entry) {
        return entry.key == "profile" || entry.key == "blocklist" || entry.key == "tokenizer";
      });
    }
    return node;
  }
  std::vector<std::filesystem::path> model_files() const override { return files_; }
  std::string unit() const override { return "bytes"; }

  bool needs_preparation() const override { return !options_.coherence.as.empty(); }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    text::DocumentFrequencies frequencies({});
    pass.for_sample(sampled_texts, [&](const Shard& shard, std::span<const std::size_t> rows) {
      const auto texts = shard.texts(corpus::TextView::full);
      for (const auto row : rows) frequencies.add(texts[row]);
    });
    std::vector<std::uint64_t> counts{frequencies.documents()};
    counts.insert(counts.end(), frequencies.counts().begin(), frequencies.counts().end());
    pass.sum(counts);
    // Logarithms may differ in the last bit between machines: rank 0's are everybody's.
    return {{"idf",
             pass.share([&] { return text::inverse_document_frequencies(counts[0], std::span(counts).subspan(1)); })}};
  }

  void use(const std::vector<store::Column>& prepared) override {
    coherence_.emplace(prepared.at(0).as<std::vector<float>>());
  }

  void load(int) override {
    rules_.emplace(options_, blocked_);
    if (!options_.spelling.as.empty()) spelling_.emplace(options_.spelling.languages, options_.spelling.folder);
  }
  void unload() override { spelling_.reset(); }

  ShardResult process(const Shard& shard) const override {
    const auto& json = shard.records();
    std::vector<Outcome> outcomes(json.size());
    change_texts(shard, outcomes);
    if (shard.population() == Population::pool || !writes().empty()) judge(outcomes);
    return result_of(shard, outcomes);
  }

 private:
  void open_files(const Node& where, const JobSetup& setup) {
    std::vector<clean::Pattern> patterns;
    for (auto& file : options_.blocklist) {
      const auto path = std::filesystem::absolute(setup.config->folder / file);
      try {
        for (auto& pattern : clean::read_block_list(path)) patterns.push_back(std::move(pattern));
      } catch (const Error& error) {
        throw ConfigError(where.place_of("blocklist"), fmt::format("'clean.blocklist': {}", error.what()));
      }
      files_.push_back(path);
      file = path.string();
    }
    blocked_ = std::make_shared<clean::PatternSet>(std::move(patterns));
    if (!options_.spelling.as.empty()) {
      auto& folder = options_.spelling.folder;
      if (!folder.empty())
        folder = std::filesystem::absolute(setup.config->folder / folder).lexically_normal().string();
      try {
        const clean::Spelling spelling(options_.spelling.languages, options_.spelling.folder);
        for (const auto& dictionary : spelling.dictionaries()) {
          files_.push_back(dictionary.affixes);
          files_.push_back(dictionary.words);
        }
      } catch (const Error& error) {
        throw ConfigError(where.place_of("spelling"), fmt::format("'clean.spelling': {}", error.what()));
      }
    }
    if (!options_.counts_tokens()) return;
    const auto chosen = choose_tokenizer("clean", options_.tokenizer, where, setup);
    tokenizer_ = chosen.tokenizer;
    files_.push_back(chosen.file);
  }

  void change_texts(const Shard& shard, std::vector<Outcome>& outcomes) const {
    const auto& json = shard.records();
    const auto sources = shard.sources();
    const auto& fields = fields_[index_of(shard.population())];
    std::vector<corpus::RecordTexts> texts(thread_count());
    std::vector<corpus::RecordParser> parsers(thread_count());
    parallel_for(json.size(), block_records, [&](std::size_t thread, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        auto& outcome = outcomes[i];
        const auto& map = fields.at(sources[i]);
        if (options_.changes_texts()) {
          outcome.rewritten = changes_->apply(texts[thread], json[i], map, outcome.changes);
        }
        // Behind a text lie those of the next ones.
        read(outcome.rewritten ? parsers[thread].parse(*outcome.rewritten, map)
                               : parsers[thread].parse(json[i], map, json.bytes.size() - json.offsets[i]),
             outcome);
      }
    });
  }

  static void read(std::variant<corpus::Record, corpus::Fault> parsed, Outcome& outcome) {
    if (auto* record = std::get_if<corpus::Record>(&parsed)) {
      outcome.record = std::move(*record);
      outcome.full = corpus::view(outcome.record, corpus::TextView::full);
    } else {
      const auto fault = std::get<corpus::Fault>(parsed);
      outcome.refusal = Refusal{std::string(corpus::fault_name(fault)), "nothing is left after cleaning"};
    }
  }

  void judge(std::vector<Outcome>& outcomes) const {
    const auto tokens = count_tokens(outcomes);
    parallel_for(outcomes.size(), block_records, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        auto& outcome = outcomes[i];
        if (spelling_) outcome.spelling = spelling_->unknown_share(outcome.full);
        if (coherence_) outcome.coherence = (*coherence_)(outcome.full);
        if (outcome.refusal || rules_->empty()) continue;
        const auto statistics = clean::text_statistics(outcome.full);
        outcome.refusal = rules_->refuse({outcome.record, outcome.full, statistics, tokens.empty() ? 0 : tokens[i],
                                          outcome.spelling, outcome.coherence});
      }
    });
  }

  /// Of each record; nothing when they do not count.
  std::vector<std::uint64_t> count_tokens(const std::vector<Outcome>& outcomes) const {
    std::vector<std::uint64_t> counts;
    if (!tokenizer_) return counts;
    std::vector<std::string_view> texts;
    for (const auto& outcome : outcomes) texts.emplace_back(outcome.full);
    const auto lists = tokenizer_->encode(texts, {.special_tokens = false});
    for (std::size_t i = 0; i < lists.size(); ++i) counts.push_back(lists[i].size());
    return counts;
  }

  ShardResult result_of(const Shard& shard, std::vector<Outcome>& outcomes) const {
    const auto ids = shard.ids();
    const bool removes = shard.population() == Population::pool;
    ShardResult result;
    std::vector<std::uint64_t> kept;
    std::vector<double> spelling, coherence;
    result.units = shard.records().bytes.size();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      auto& outcome = outcomes[i];
      spelling.push_back(outcome.spelling);
      coherence.push_back(outcome.coherence);
      if (outcome.rewritten) note_changes(ids[i], outcome, result);
      if (!removes || !outcome.refusal) {
        kept.push_back(ids[i]);
        continue;
      }
      result.rejects.push_back({ids[i], outcome.refusal->reason});
      result.trace.push_back({ids[i], outcome.refusal->reason, outcome.refusal->detail});
      ++result.counters[outcome.refusal->reason];
    }
    if (!options_.spelling.as.empty()) result.columns.push_back({options_.spelling.as, std::move(spelling)});
    if (!options_.coherence.as.empty()) result.columns.push_back({options_.coherence.as, std::move(coherence)});
    result.kept = std::move(kept);
    return result;
  }

  static void note_changes(std::uint64_t id, const Outcome& outcome, ShardResult& result) {
    const auto& kinds = Names<clean::PersonalData>::values;
    result.rewrites.ids.push_back(id);
    result.rewrites.records.push_back(*outcome.rewritten);
    ++result.counters["changed"];
    for (std::size_t rule = 0; rule < change_names.size(); ++rule) {
      if (!outcome.changes.by[rule]) continue;
      const std::string name(change_names[rule]);
      ++result.counters["changed_" + name];
      const bool is_mask = static_cast<Change>(rule) == Change::pii;
      result.trace.push_back({id, name, is_mask ? masked_counts(outcome.changes.masked) : ""});
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      if (outcome.changes.masked[kind] == 0) continue;
      result.counters["masked_" + std::string(kinds[kind])] += outcome.changes.masked[kind];
    }
  }

  CleanOptions options_;
  ByPopulation<std::vector<corpus::FieldMap>> fields_;  ///< of each source
  std::vector<std::filesystem::path> files_;
  std::shared_ptr<const clean::PatternSet> blocked_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::optional<TextChanges> changes_;
  std::optional<RemovalRules> rules_;
  std::optional<clean::Spelling> spelling_;
  std::optional<clean::Coherence> coherence_;
};

}  // namespace

JobType clean_job() {
  auto type = job_type<Clean, CleanOptions>("clean", "changes texts and refuses records by rules (docs/cleaning.md)");
  type.make = [](const Node& node, const JobSetup& setup) -> std::unique_ptr<Job> {
    const auto whole = with_profile(node);
    return std::make_unique<Clean>(decode<CleanOptions>(whole, "clean"), whole, setup);
  };
  return type;
}

}  // namespace farpoint::jobs
