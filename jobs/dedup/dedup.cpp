// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/dedup.cpp: removes records, and passages, that stand elsewhere too.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "answers.hpp"
#include "clusters.hpp"
#include "duplicates.hpp"
#include "evaluation.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/pipeline/need.hpp"
#include "jobs.hpp"
#include "memory.hpp"
#include "options.hpp"
#include "passages.hpp"
#include "phases.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Records that a thread takes at a time.
constexpr std::size_t block_records = 16;

/// What becomes of one record.
struct Fate {
  std::string reason;  ///< empty: it stays
  std::string detail;
  bool is_reject = false;  ///< listed in rejects.jsonl, as no column says it
  std::optional<std::string> rewritten;
  std::string passages;  ///< what was cut out
  double repeated = 0;
};

class Dedup final : public ShardJob, public KnowsItsNeed {
 public:
  Dedup(DedupOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), shard_records_(setup.config->corpus.shard_records) {
    check_options(options_, where, setup);
    for (const auto population : populations) {
      for (const auto& source : sources_of(setup.config->corpus, population)) {
        fields_[index_of(population)].push_back(source.fields);
      }
    }
    if (setup.finished == nullptr && decontaminates()) open_evaluation_sets(where, setup);
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override {
    return options_.compares_texts() || options_.keeps_longest() || options_.substring.tokens || decontaminates();
  }
  std::vector<std::string> reads() const override {
    std::vector<std::string> columns;
    if (options_.semantic.threshold) columns.push_back(options_.semantic.vectors);
    if (options_.one_pass.threshold) columns.push_back(options_.one_pass.vectors);
    if (!options_.score().empty()) columns.push_back(options_.score());
    return columns;
  }
  bool uses_curated() const override { return options_.against == Against::curated; }
  bool uses_seed() const override { return options_.semantic.threshold.has_value(); }
  bool removes_records() const override { return true; }
  bool rewrites_records() const override {
    return options_.substring.tokens && options_.substring.action == SpanAction::remove;
  }
  std::vector<ColumnSpec> writes() const override {
    std::vector<ColumnSpec> columns{{options_.as, ColumnSpec::Kind::id}};
    if (options_.substring.tokens) columns.push_back({options_.substring.as, ColumnSpec::Kind::scalar});
    return columns;
  }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    if (results_only) node.set("decontaminate", result_options());
    return node;
  }
  std::vector<corpus::InputFile> files() const override { return files_; }
  void work_in(const std::filesystem::path& folder) override { folder_ = folder; }
  bool needs_preparation() const override { return true; }
  Need estimate(const Workload& work) const override {
    auto need = usual_need(*this, work);
    add_deduplication(options_, work, need);
    return need;
  }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    may_clear_ = pass.comm().rank() == 0;
    const auto found = find_duplicates(pass, options_, folder_, shard_records_);
    std::vector<dedup::RepeatedSpan> spans;
    if (options_.substring.tokens) spans = find_passages(pass, options_, fields_, found);
    AnswerFiles(folder_, pass.fingerprint()).write(found, spans, shard_records_);
    // A shard may be made by a rank that has not found it.
    pass.comm().barrier();
    auto report = describe_clusters(pass, options_, found);
    report.facts.insert(found.facts.begin(), found.facts.end());
    store::Strings names, examples, key;
    std::vector<double> values;
    for (const auto& [name, value] : report.facts) {
      names.push_back(name);
      values.push_back(value);
    }
    examples.push_back(report.examples);
    key.push_back(pass.fingerprint());
    return {{"fact_names", names}, {"fact_values", values}, {"examples", examples}, {"answers_key", key}};
  }

  void use(const std::vector<store::Column>& prepared) override {
    answers_.emplace(folder_, std::string(column(prepared, "answers_key").as<store::Strings>()[0]));
    // The answers are complete now.
    if (may_clear_) PhaseFiles::remove(folder_);
  }

  std::map<std::string, double> facts(const std::vector<store::Column>& prepared) const override {
    std::map<std::string, double> facts;
    const auto& names = column(prepared, "fact_names").as<store::Strings>();
    const auto& values = column(prepared, "fact_values").as<std::vector<double>>();
    for (std::size_t i = 0; i < names.size(); ++i) facts[std::string(names[i])] = values[i];
    return facts;
  }
  std::string examples(const std::vector<store::Column>& prepared) const override {
    return std::string(column(prepared, "examples").as<store::Strings>()[0]);
  }

  void load(int) override {
    if (decontaminates()) evaluation_ = read_evaluation_sets(options_.decontaminate, files_);
  }
  void unload() override { evaluation_ = {}; }

  ShardResult process(const Shard& shard) const override {
    const auto ids = shard.ids();
    if (ids.empty()) return result_of({}, {});
    const auto answers = answers_->read(ids.front() / shard_records_);
    if (!std::equal(ids.begin(), ids.end(), answers.ids.begin(), answers.ids.end())) {
      throw UsageError(
          fmt::format("{}: its answers are about other records; delete the folder and run again", folder_.string()));
    }
    std::vector<Fate> fates(ids.size());
    for (std::size_t i = 0; i < fates.size(); ++i) {
      fates[i].reason = duplicate_reasons[static_cast<std::size_t>(answers.by[i])];
      if (answers.by[i] == DuplicateBy::none) continue;
      fates[i].detail =
          answers.by[i] == DuplicateBy::curated ? "of a curated record" : fmt::format("of record {}", answers.kept[i]);
    }
    if (options_.substring.tokens) cut_passages(shard, answers, fates);
    if (evaluation_.ngrams) find_contamination(shard, fates);
    return result_of(answers, fates);
  }

 private:
  static const store::Column& column(const std::vector<store::Column>& columns, std::string_view name) {
    return *std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.name == name; });
  }

  bool decontaminates() const { return !options_.decontaminate.sources.empty(); }

  /// Results depend on what the evaluation sets hold, not on where they lie.
  Node result_options() const {
    auto node = encode(options_.decontaminate);
    std::erase_if(node.entries, [](const auto& entry) { return entry.key == "sources"; });
    for (const auto& source : options_.decontaminate.sources) {
      for (const auto& [name, field] : source.fields) node.set(name, Node::scalar(field));
    }
    return node;
  }

  void open_evaluation_sets(const Node& where, const JobSetup& setup) {
    try {
      files_ = evaluation_files(options_.decontaminate, setup.config->folder);
    } catch (const Error& error) {
      throw ConfigError(where.place_of("decontaminate.sources"),
                        fmt::format("'dedup.decontaminate.sources': {}", error.what()));
    }
    for (auto& source : options_.decontaminate.sources) {
      source.path = std::filesystem::absolute(setup.config->folder / source.path).string();
    }
  }

  void cut_passages(const Shard& shard, const Answers& answers, std::vector<Fate>& fates) const {
    const auto& maps = fields_[index_of(Population::pool)];
    const auto& json = shard.records();
    corpus::RecordTexts texts;
    corpus::RecordParser parser;
    const std::span spans(answers.spans);
    for (std::size_t begin = 0, end = 0; begin < spans.size(); begin = end) {
      std::uint64_t words = 0;
      for (; end < spans.size() && spans[end].id == spans[begin].id; ++end) words += spans[end].tokens;
      const auto at = std::lower_bound(answers.ids.begin(), answers.ids.end(), spans[begin].id) - answers.ids.begin();
      const auto row = static_cast<std::size_t>(at);
      auto& fate = fates[row];
      const auto& map = maps.at(shard.sources()[row]);
      fate.repeated = static_cast<double>(words) / static_cast<double>(passage_words(texts, json[row], map));
      fate.passages = fmt::format("{} words in {} passages stand elsewhere before", words, end - begin);
      if (options_.substring.action == SpanAction::report) continue;
      fate.rewritten = without_passages(texts, json[row], map, spans.subspan(begin, end - begin));
      const auto parsed = parser.parse(*fate.rewritten, map);
      if (std::holds_alternative<corpus::Record>(parsed)) continue;
      fate = {"duplicate_substring", fate.passages + ", which is all of it", true, std::nullopt, "", fate.repeated};
    }
  }

  void find_contamination(const Shard& shard, std::vector<Fate>& fates) const {
    const auto texts = shard.texts(options_.text);
    parallel_for(fates.size(), block_records, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (!fates[i].reason.empty()) continue;
        const auto overlap = evaluation_.ngrams->overlap(texts[i]);
        const auto share =
            static_cast<double>(overlap.covered) / static_cast<double>(std::max<std::uint64_t>(overlap.words, 1));
        if (overlap.covered == 0 || share <= options_.decontaminate.max_fraction) continue;
        fates[i].reason = "contaminated";
        fates[i].detail = fmt::format("{} of {} words stand in {}", overlap.covered, overlap.words,
                                      evaluation_.places.at(overlap.item));
        fates[i].is_reject = true;
      }
    });
  }

  ShardResult result_of(const Answers& answers, const std::vector<Fate>& fates) const {
    ShardResult result;
    std::vector<std::uint64_t> kept;
    std::vector<double> repeated;
    for (std::size_t i = 0; i < fates.size(); ++i) {
      const auto& fate = fates[i];
      const auto id = answers.ids[i];
      repeated.push_back(fate.repeated);
      if (!fate.passages.empty()) {
        result.trace.push_back({id, "substring", fate.passages});
        ++result.counters["with_repeated_passages"];
      }
      if (fate.reason.empty()) {
        kept.push_back(id);
        if (!fate.rewritten) continue;
        result.rewrites.ids.push_back(id);
        result.rewrites.records.push_back(*fate.rewritten);
        continue;
      }
      ++result.counters[fate.reason];
      result.trace.push_back({id, fate.reason, fate.detail});
      if (fate.is_reject) result.rejects.push_back({id, fate.reason});
    }
    result.columns.push_back({options_.as, answers.kept});
    if (options_.substring.tokens) result.columns.push_back({options_.substring.as, std::move(repeated)});
    result.kept = std::move(kept);
    return result;
  }

  DedupOptions options_;
  std::uint64_t shard_records_;
  FieldMaps fields_;
  std::vector<corpus::InputFile> files_;  ///< of the evaluation sets
  std::filesystem::path folder_;
  bool may_clear_ = true;  ///< false on ranks that may be here before prepared.h5 is
  std::optional<AnswerFiles> answers_;
  EvaluationSets evaluation_;
};

}  // namespace

JobType dedup_job() {
  return job_type<Dedup, DedupOptions>(
      "dedup", "removes records and passages that stand elsewhere too, and evaluation data (docs/deduplication.md)");
}

}  // namespace farpoint::jobs
