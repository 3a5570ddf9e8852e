// SPDX-License-Identifier: Apache-2.0
// jobs/embed_model.cpp: vectors from a model of `models`.

#include <algorithm>
#include <limits>

#include "embed.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/select/distance.hpp"
#include "model_job.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

class ModelEmbedding final : public ModelJob {
 public:
  ModelEmbedding(EmbedOptions options, const Node& where, const JobSetup& setup)
      : ModelJob("embed", options.model, options.batch_tokens, where, setup), options_(std::move(options)) {
    if (model_.folder) resolve(*model_.folder, where);
  }

  std::string as() const override { return options_.as; }
  bool covers_labelled() const override { return true; }
  std::vector<ColumnSpec> writes() const override {
    return {{options_.as, ColumnSpec::Kind::vector, options_.normalize, true, true}};
  }
  Node options(bool results_only) const override { return resolved(encode(options_, results_only), results_only); }
  double cost(double bytes) const override { return cost_in_windows(bytes, *options_.max_tokens, true); }
  void load(int node_rank) override {
    models::EmbedderOptions options;
    options.pooling = options_.pooling;
    options.max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    options.prompt = options_.prompt;
    options.execution = execution_on(node_rank);
    embedder_.emplace(model_.path, options);
    // Too few tokens for the special ones are an error before any work.
    const std::string_view nothing;
    embedder_->tokenize(std::span(&nothing, 1));
    tell_of_loading(options.execution);
  }
  void unload() override { embedder_.reset(); }

  std::size_t vector_width() const override {
    if (!model_.folder) return 0;
    const auto& dense = model_.folder->sentence.dense;
    return static_cast<std::size_t>(dense.empty() ? model_.folder->config.hidden_size : dense.back().out);
  }

  ShardResult process(const Shard& shard) const override {
    const auto texts = shard.texts(options_.text);
    auto embeddings = embedder_->embed(texts.views());
    const auto width = static_cast<std::size_t>(embedder_->dimension());
    const auto failed = finish(embeddings.vectors, width);
    failed_.tell("embed " + options_.as, shard, failed, "no token, or no finite vector; the rows are NaN");

    ShardResult result;
    result.columns.push_back({options_.as, std::move(embeddings.vectors), width});
    result.failed = failed.size();
    result.units = embeddings.tokens;
    result.counters["truncated"] = embeddings.truncated;
    result.counters["identical"] = texts.size() - embeddings.distinct;
    if (embeddings.bad_utf8 > 0) result.counters["bad_utf8"] = embeddings.bad_utf8;
    return result;
  }

 private:
  ModelTexts sampled_texts(const Workload& work) const override {
    return {work.texts(options_.text), 1, options_.max_tokens, false};
  }

  /// Writes out what is left to the folder, so that the run's configuration says what was done.
  void resolve(const model_files::ModelFolder& folder, const Node& where) {
    options_.max_tokens = resolve_max_tokens("embed", options_.max_tokens, 1, folder, where);
    if (!options_.prompt) options_.prompt = folder.sentence.default_prompt;
    const auto& modes = folder.sentence.pooling;
    // Several behind each other are the folder's own: no option could name them.
    if (!options_.pooling && modes.size() <= 1) {
      options_.pooling = modes.empty() ? model_files::PoolingMode::mean : modes.front();
    }
  }

  /// Normalises rows if asked to. Those that have no direction, or are not finite, become NaN; returns which.
  std::vector<std::uint32_t> finish(std::vector<float>& rows, std::size_t width) const {
    std::vector<std::uint32_t> failed;
    for (std::size_t begin = 0; begin < rows.size(); begin += width) {
      const auto row = std::span(rows).subspan(begin, width);
      if (options_.normalize ? select::normalize(row) : select::is_finite(row)) continue;
      std::fill(row.begin(), row.end(), std::numeric_limits<float>::quiet_NaN());
      failed.push_back(static_cast<std::uint32_t>(begin / width));
    }
    return failed;
  }

  EmbedOptions options_;
  std::optional<models::Embedder> embedder_;
};

}  // namespace

std::unique_ptr<ShardJob> make_model_embedding(EmbedOptions options, const Node& where, const JobSetup& setup) {
  return std::make_unique<ModelEmbedding>(std::move(options), where, setup);
}

}  // namespace farpoint::jobs
