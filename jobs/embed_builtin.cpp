// SPDX-License-Identifier: Apache-2.0
// jobs/embed_builtin.cpp: vectors that need no model.
#include <algorithm>
#include <limits>
#include <memory>

#include "embed.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/pipeline/need.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/text/hashed_tfidf.hpp"
#include "farpoint/text/whitening.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

constexpr std::size_t embedding_dimension = 384;
// Moments settle early: 3,000 of 12,000 texts gave vectors as good as all of them.
constexpr std::uint64_t sampled_texts = 8192;
/// Texts that a thread takes at a time.
constexpr std::size_t block_texts = 16;
/// For estimates: of what is learnt, and bytes of text a second on a core of the reference machine (docs/estimate.md).
constexpr std::uint64_t fixed_bytes = std::uint64_t{14} << 20;
constexpr double text_rate = 25e6;

class BuiltinEmbedding final : public ShardJob, public KnowsItsNeed {
 public:
  explicit BuiltinEmbedding(EmbedOptions options) : options_(std::move(options)) {}

  std::string as() const override { return options_.as; }
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  bool covers_labelled() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    return {{options_.as, ColumnSpec::Kind::vector, options_.normalize, true, true}};
  }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    std::erase_if(node.entries, [](const auto& entry) { return is_model_option(entry.key); });
    return node;
  }
  std::string unit() const override { return "bytes"; }

  std::uint64_t version() const override { return 3; }
  std::size_t vector_width() const override { return embedding_dimension; }
  Need estimate(const Workload& work) const override {
    auto need = usual_need(*this, work);
    // Frequencies of the features, the map to fewer numbers and the sample that it is learnt from.
    need.memory += fixed_bytes;
    need.read *= 3;
    need.core_seconds = 2 * static_cast<double>(work.bytes[index_of(Population::pool)]) / text_rate;
    return need;
  }

  bool needs_preparation() const override { return true; }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    auto idf = learn_weights(pass);
    const text::HashedTfidf features(hashing_, idf);
    auto map = learn_map(pass, features);
    return {{"idf", std::move(idf)}, {"map", std::move(map), embedding_dimension}};
  }

  void use(const std::vector<store::Column>& prepared) override {
    const auto values = [&](std::string_view name) -> const std::vector<float>& {
      const auto is_it = [&](const store::Column& column) { return column.name == name; };
      return std::find_if(prepared.begin(), prepared.end(), is_it)->as<std::vector<float>>();
    };
    features_ = std::make_unique<text::HashedTfidf>(hashing_, values("idf"));
    map_ = std::make_unique<text::LinearMap>(hashing_.dimension, embedding_dimension, values("map"));
  }

  ShardResult process(const Shard& shard) const override {
    const auto texts = shard.texts(options_.text);
    store::Column column{options_.as, std::vector<float>(texts.size() * embedding_dimension), embedding_dimension};
    const std::span rows(std::get<std::vector<float>>(column.values));
    std::vector<std::uint64_t> failed(thread_count(), 0);
    std::vector<std::vector<float>> work(thread_count(), std::vector<float>(block_texts * hashing_.dimension));
    parallel_for(texts.size(), block_texts, [&](std::size_t thread, std::size_t begin, std::size_t end) {
      const std::span block = std::span(work[thread]).first((end - begin) * hashing_.dimension);
      for (std::size_t i = begin; i < end; ++i) {
        features_->embed(texts[i], block.subspan((i - begin) * hashing_.dimension, hashing_.dimension));
      }
      const auto out = rows.subspan(begin * embedding_dimension, (end - begin) * embedding_dimension);
      map_->apply(block, out);
      failed[thread] += finish(out);
    });
    ShardResult result;
    result.columns.push_back(std::move(column));
    for (const auto count : failed) result.failed += count;
    result.units = texts.bytes.size();
    return result;
  }

 private:
  /// The inverse document frequencies of the features in the pool, [buckets].
  std::vector<float> learn_weights(PoolPass& pass) const {
    std::vector<text::DocumentFrequencies> of_threads;
    for (std::size_t thread = 0; thread < thread_count(); ++thread) of_threads.emplace_back(hashing_);
    pass.for_each_shard([&](const Shard& shard) {
      const auto texts = shard.texts(options_.text);
      parallel_for(texts.size(), block_texts, [&](std::size_t thread, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) of_threads[thread].add(texts[i]);
      });
    });
    // Slot 0 holds the number of texts, so that one sum over the ranks does.
    std::vector<std::uint64_t> counts(1 + hashing_.buckets, 0);
    for (const auto& frequencies : of_threads) {
      counts[0] += frequencies.documents();
      for (std::size_t b = 0; b < hashing_.buckets; ++b) counts[1 + b] += frequencies.counts()[b];
    }
    pass.sum(counts);
    // Logarithms may differ in the last bit between machines: rank 0's are everybody's.
    return pass.share([&] { return text::inverse_document_frequencies(counts[0], std::span(counts).subspan(1)); });
  }

  /// The map from features to the vectors, [hashing_.dimension, embedding_dimension], from a sample of the pool.
  std::vector<float> learn_map(PoolPass& pass, const text::HashedTfidf& features) const {
    std::vector<text::SecondMoments> of_threads;
    for (std::size_t thread = 0; thread < thread_count(); ++thread) of_threads.emplace_back(hashing_.dimension);
    std::vector<std::vector<float>> rows(thread_count(), std::vector<float>(hashing_.dimension));
    pass.for_sample(sampled_texts, [&](const Shard& shard, std::span<const std::size_t> sample) {
      const auto texts = shard.texts(options_.text);
      parallel_for(sample.size(), block_texts, [&](std::size_t thread, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          features.embed(texts[sample[i]], rows[thread]);
          of_threads[thread].add(rows[thread]);
        }
      });
    });
    std::vector<std::uint64_t> sums = of_threads[0].sums();
    for (std::size_t thread = 1; thread < of_threads.size(); ++thread) {
      const auto more = of_threads[thread].sums();
      std::transform(sums.begin(), sums.end(), more.begin(), sums.begin(), std::plus<>());
    }
    pass.sum(sums);
    return pass.share([&] { return text::half_whitening(hashing_.dimension, embedding_dimension, sums); });
  }

  /// Normalises rows if asked to. Texts without a single feature have no vector: NaN, which no metric takes for a
  /// place. Returns how many these are.
  std::uint64_t finish(std::span<float> rows) const {
    std::uint64_t failed = 0;
    for (std::size_t begin = 0; begin < rows.size(); begin += embedding_dimension) {
      const auto row = rows.subspan(begin, embedding_dimension);
      const bool found = std::any_of(row.begin(), row.end(), [](float x) { return x != 0; });
      if (!found) {
        std::fill(row.begin(), row.end(), std::numeric_limits<float>::quiet_NaN());
        ++failed;
      } else if (options_.normalize) {
        select::normalize(row);
      }
    }
    return failed;
  }

  EmbedOptions options_;
  text::HashedTfidfOptions hashing_;
  std::unique_ptr<text::HashedTfidf> features_;
  std::unique_ptr<text::LinearMap> map_;
};

}  // namespace

std::unique_ptr<ShardJob> make_builtin_embedding(EmbedOptions options) {
  return std::make_unique<BuiltinEmbedding>(std::move(options));
}

}  // namespace farpoint::jobs
