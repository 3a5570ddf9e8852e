// SPDX-License-Identifier: Apache-2.0
// jobs/importance.cpp: how much likelier each record's text is among the curated records than in the pool.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "failed_records.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/score/importance.hpp"
#include "farpoint/text/hashed_ngrams.hpp"
#include "jobs.hpp"

namespace farpoint::jobs {

enum class Target { curated };

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Target> {
  static constexpr std::array<std::string_view, 1> values{"curated"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Texts that a thread takes at a time.
constexpr std::size_t block_texts = 16;

struct ImportanceOptions {
  std::string as = "importance";
  Target to = Target::curated;
  corpus::TextView text = corpus::TextView::full;
  std::uint64_t buckets = 10000;
  std::uint64_t ngrams = 2;

  static Fields<ImportanceOptions> fields() {
    using I = ImportanceOptions;
    return {option("as", &I::as, "name of the column"),
            option("to", &I::to, "what the texts are compared with: the records under corpus.curated"),
            option("text", &I::text, "which view of the record is read, in the pool and in the curated records"),
            option("buckets", &I::buckets, "to how many features words and rows of words are hashed"),
            option("ngrams", &I::ngrams, "features are rows of up to so many words")};
  }
};

class Importance final : public ShardJob {
 public:
  Importance(ImportanceOptions options, const Node& where, const JobSetup&)
      : options_(checked(std::move(options), where)), features_(options_.buckets, options_.ngrams) {}

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool uses_curated() const override { return true; }
  std::vector<ColumnSpec> writes() const override { return {{options_.as, ColumnSpec::Kind::scalar}}; }
  Node options(bool results_only) const override { return encode(options_, results_only); }
  std::string unit() const override { return "bytes"; }

  bool needs_preparation() const override { return true; }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    const auto raw = count(pass, Population::pool);
    const auto target = count(pass, Population::curated);
    if (std::accumulate(target.begin(), target.end(), std::uint64_t{0}) == 0) {
      throw comm::AgreedError(
          fmt::format("importance {}: the curated records have no words in this view of their texts; mend "
                      "corpus.curated (rejects.jsonl lists its faulty records), or choose another 'text'",
                      options_.as));
    }
    return {{"log_ratios", score::log_ratios(target, raw)}};
  }

  void use(const std::vector<store::Column>& prepared) override {
    log_ratios_ = prepared.at(0).as<std::vector<double>>();
  }

  ShardResult process(const Shard& shard) const override {
    const auto texts = shard.texts(options_.text);
    std::vector<double> weights(texts.size());
    parallel_for(texts.size(), block_texts, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) weights[i] = log_weight(texts[i]);
    });
    ShardResult result;
    failed_.add_numbers("importance " + options_.as, shard, {options_.as, std::move(weights)}, "no word in the text",
                        result);
    result.units = texts.bytes.size();
    return result;
  }

 private:
  static ImportanceOptions checked(ImportanceOptions options, const Node& where) {
    using text::HashedNgrams;
    check_bounds(where.place_of("buckets"), "importance.buckets", options.buckets, 2, HashedNgrams::most_buckets);
    check_bounds(where.place_of("ngrams"), "importance.ngrams", options.ngrams, 1, HashedNgrams::longest_ngram);
    return options;
  }

  /// How often each feature occurs in all texts of a population. Collective.
  std::vector<std::uint64_t> count(PoolPass& pass, Population population) const {
    std::vector<std::vector<std::uint64_t>> of_threads(thread_count(), std::vector<std::uint64_t>(options_.buckets, 0));
    pass.for_each_shard(population, [&](const Shard& shard) {
      const auto texts = shard.texts(options_.text);
      parallel_for(texts.size(), block_texts, [&](std::size_t thread, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) features_.count(texts[i], of_threads[thread]);
      });
    });
    auto& counts = of_threads.front();
    for (std::size_t thread = 1; thread < of_threads.size(); ++thread) {
      std::transform(counts.begin(), counts.end(), of_threads[thread].begin(), counts.begin(), std::plus<>());
    }
    pass.sum(counts);
    return std::move(counts);
  }

  double log_weight(std::string_view text) const {
    const auto score = features_.score(text, log_ratios_);
    return score.occurrences == 0 ? std::numeric_limits<double>::quiet_NaN() : score.sum;
  }

  ImportanceOptions options_;
  text::HashedNgrams features_;
  FailedRecords failed_;
  std::vector<double> log_ratios_;  ///< of each feature
};

}  // namespace

JobType importance_job() {
  return job_type<Importance, ImportanceOptions>(
      "importance",
      "how much likelier each record's text is among the curated records than in the pool: log importance "
      "weights by hashed n-grams (docs/like-or-unlike.md)");
}

}  // namespace farpoint::jobs
