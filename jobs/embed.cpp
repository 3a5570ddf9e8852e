// SPDX-License-Identifier: Apache-2.0
// jobs/embed.cpp: a vector for each record's text.
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "farpoint/base/error.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/text/hashed_tfidf.hpp"
#include "jobs.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

struct EmbedOptions {
  std::string model = "builtin";
  std::string as = "emb";
  corpus::TextView text = corpus::TextView::full;
  bool normalize = true;

  static Fields<EmbedOptions> fields() {
    return {
        option("model", &EmbedOptions::model, "builtin: hashed TF-IDF of word and character n-grams, needs no model"),
        option("as", &EmbedOptions::as, "name of the column"),
        option("text", &EmbedOptions::text, "which view of the record is embedded"),
        option("normalize", &EmbedOptions::normalize, "scale the vectors to unit length"),
    };
  }
};

class Embed final : public ShardJob {
 public:
  Embed(EmbedOptions options, const Node& where, const JobSetup&) : options_(std::move(options)) {
    if (options_.model == "builtin") return;
    const Node* model = where.find("model");
    throw ConfigError(
        model != nullptr ? model->place : where.place,
        fmt::format("'embed.model' is '{}', but this version embeds with 'builtin' only", options_.model));
  }

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    return {{options_.as, ColumnSpec::Kind::vector, options_.normalize, true, true}};
  }
  Node options(bool results_only) const override { return encode(options_, results_only); }
  std::string unit() const override { return "bytes"; }

  bool needs_preparation() const override { return true; }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    std::vector<text::DocumentFrequencies> of_threads;
    for (int thread = 0; thread < omp_get_max_threads(); ++thread) of_threads.emplace_back(hashing_);
    pass.for_each_shard([&](const Shard& shard) { count(shard.texts(options_.text), of_threads); });
    // Slot 0 holds the number of texts, so that one sum over the ranks does.
    std::vector<std::uint64_t> counts(1 + hashing_.buckets, 0);
    for (const auto& frequencies : of_threads) {
      counts[0] += frequencies.documents();
      for (std::size_t b = 0; b < hashing_.buckets; ++b) counts[1 + b] += frequencies.counts()[b];
    }
    pass.sum(counts);
    auto idf = text::inverse_document_frequencies(counts[0], std::span(counts).subspan(1));
    // Logarithms may differ in the last bit between machines: rank 0's are everybody's.
    pass.share(idf);
    return {{"idf", std::move(idf)}};
  }

  void use(const std::vector<store::Column>& prepared) override {
    embedder_ = std::make_unique<text::HashedTfidf>(hashing_, prepared.at(0).as<std::vector<float>>());
  }

  ShardResult process(const Shard& shard) const override {
    const auto texts = shard.texts(options_.text);
    const auto width = hashing_.dimension;
    store::Column column{options_.as, std::vector<float>(texts.size() * width), width};
    const std::span rows(std::get<std::vector<float>>(column.values));
    std::uint64_t failed = 0;
    const auto count = static_cast<std::int64_t>(texts.size());
#pragma omp parallel for schedule(dynamic, 16) reduction(+ : failed)
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (!embed(texts[at], rows.subspan(at * width, width))) ++failed;
    }
    ShardResult result;
    result.columns.push_back(std::move(column));
    result.failed = failed;
    result.units = texts.bytes.size();
    return result;
  }

 private:
  /// Texts without a single feature have no vector: NaN, which no metric takes for a place.
  bool embed(std::string_view text, std::span<float> row) const {
    embedder_->embed(text, row);
    const bool found = std::any_of(row.begin(), row.end(), [](float x) { return x != 0; });
    if (!found)
      std::fill(row.begin(), row.end(), std::numeric_limits<float>::quiet_NaN());
    else if (options_.normalize)
      select::normalize(row);
    return found;
  }

  static void count(const store::Strings& texts, std::vector<text::DocumentFrequencies>& of_threads) {
    const auto size = static_cast<std::int64_t>(texts.size());
#pragma omp parallel for schedule(dynamic, 16)
    for (std::int64_t i = 0; i < size; ++i) {
      of_threads[static_cast<std::size_t>(omp_get_thread_num())].add(texts[static_cast<std::size_t>(i)]);
    }
  }

  EmbedOptions options_;
  text::HashedTfidfOptions hashing_;
  std::unique_ptr<text::HashedTfidf> embedder_;
};

}  // namespace

JobType embed_job() {
  return job_type<Embed, EmbedOptions>("embed", "a vector for each record's text");
}

}  // namespace farpoint::jobs
