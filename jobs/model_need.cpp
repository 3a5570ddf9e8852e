// SPDX-License-Identifier: Apache-2.0
#include "model_need.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "farpoint/model_files/weights.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr double bytes_a_token = 4;
/// As models/placement.cpp and models/batching.cpp have them.
constexpr double cpu_batch_tokens = 2048;
constexpr double least_batch_tokens = 512;
constexpr double shares_of_batches = 16;
/// Of tokenizer.json in memory, as a multiple of the file.
constexpr std::uint64_t tokenizer_growth = 12;

/// The rest is measured with libtorch 2.15 and glibc 2.36 (docs/estimate.md). What its operators set up once:
constexpr std::uint64_t operator_bytes = std::uint64_t{40} << 20;
/// oneDNN keeps the code and the plans of its last 1,024 products of matrices, one for each number of rows.
constexpr double kept_products = 1024;
constexpr double bytes_of_product = 0.66 * (1 << 20);
/// So many different numbers of rows batches come to (models/packed_batch.hpp) before most have been there.
constexpr double usual_sizes = 60;
/// Aligned blocks of ever other sizes leave holes in the heap: this many times what is in use.
constexpr double heap_growth = 2.5;
/// Logits are made in tiles.
constexpr double tile_rows = 512;
constexpr double tile_words = 4096;

bool is_gated(model_files::Family family) {
  using model_files::Family;
  return family == Family::modernbert || (model_files::is_causal(family) && family != Family::gpt2);
}

/// Weights of one layer.
double layer_weights(const model_files::ModelConfig& config) {
  const auto hidden = static_cast<double>(config.hidden_size);
  const auto attention = static_cast<double>(config.head_dim * (2 * config.heads + 2 * config.kv_heads));
  return hidden * (attention + (is_gated(config.family) ? 3.0 : 2.0) * static_cast<double>(config.intermediate_size));
}

struct Tokens {
  double mean = 0;            ///< of a text, as far as it is read
  double longest = 0;         ///< in the sample
  double share_of_whole = 1;  ///< of all tokens, those of texts that are not cut off
};

/// Of each text of the sample, as far as it is read.
std::vector<double> token_counts(const ChosenModel& model, const ModelTexts& texts, const Workload& work) {
  std::vector<double> counts;
  if (!work.counts_tokens) {
    for (const auto& text : texts.sample) {
      const auto count = static_cast<double>(text.size()) / bytes_a_token;
      counts.push_back(texts.limit ? std::min(count, static_cast<double>(*texts.limit)) : count);
    }
    return counts;
  }
  const tokenizer::Tokenizer tokenizer(model.folder->tokenizer);
  const std::vector<std::string_view> views(texts.sample.begin(), texts.sample.end());
  const auto lists = tokenizer.encode(views, {true, static_cast<std::size_t>(texts.limit.value_or(0))});
  for (std::size_t i = 0; i < lists.size(); ++i) counts.push_back(static_cast<double>(lists[i].size()));
  return counts;
}

Tokens summarise(const std::vector<double>& counts, const std::optional<std::uint64_t>& limit) {
  Tokens tokens;
  double sum = 0;
  double whole = 0;
  for (const auto count : counts) {
    sum += count;
    if (!limit || count < static_cast<double>(*limit)) whole += count;
    tokens.longest = std::max(tokens.longest, count);
  }
  if (sum == 0) return tokens;
  tokens.mean = sum / static_cast<double>(counts.size());
  tokens.share_of_whole = whole / sum;
  return tokens;
}

std::uint64_t file_bytes(const std::filesystem::path& file) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(file, ignored);
  return ignored ? 0 : size;
}

/// The file's pages, of which tensors of its own type are views, and what products take packed or in another type.
void add_weights(const ChosenModel& model, bool gpu, Need& need) {
  const auto weights = model_files::Weights::open(model.folder->sentence.transformer_folder);
  need.shared_memory += weights.bytes();
  need.memory += weights.bytes();
  if (gpu) return;
  const auto& execution = model.execution;
  const bool halves = execution.precision != models::Precision::fp32 && models::cpu_computes(execution.precision);
  const auto& config = model.folder->config;
  const std::uint64_t number = halves ? 2 : 4;
  need.memory += number * static_cast<std::uint64_t>(static_cast<double>(config.layers) * layer_weights(config));
  std::uint64_t elements = 0;
  for (const auto& tensor : weights.tensors()) elements += static_cast<std::uint64_t>(tensor.elements());
  if (weights.bytes() / std::max<std::uint64_t>(1, elements) != number) need.memory += elements * number;
}

/// Batches that so many tokens become: full ones, then less and less full ones.
double batches_of(double tokens) {
  const double flat = shares_of_batches * least_batch_tokens;
  if (tokens <= flat) return tokens / least_batch_tokens;
  const double falling = std::min(tokens, shares_of_batches * cpu_batch_tokens);
  return shares_of_batches * (1 + std::log(falling / flat)) + (tokens - falling) / cpu_batch_tokens;
}

/// What computing on this machine's processor holds beside the weights.
double cpu_bytes(const model_files::ModelConfig& config, const Tokens& tokens, const ModelTexts& texts,
                 const Workload& work, std::int64_t batch_tokens) {
  const double in_shard = tokens.mean * static_cast<double>(work.in_shard());
  const double most = batch_tokens > 0 ? static_cast<double>(batch_tokens) : cpu_batch_tokens;
  const double batch =
      std::max(tokens.longest, std::clamp(in_shard / shares_of_batches, std::min(least_batch_tokens, most), most));
  const double widths =
      static_cast<double>(4 * config.hidden_size + config.head_dim * (config.heads + 2 * config.kv_heads)) +
      (is_gated(config.family) ? 3.0 : 1.0) * static_cast<double>(config.intermediate_size);
  double numbers = std::min(batch, in_shard) * widths;
  if (texts.scores) numbers += tile_rows * std::min(tile_words, static_cast<double>(config.vocab_size));
  // Texts that are cut off make batches of like sizes.
  const double shards =
      std::ceil(static_cast<double>(work.records_of_rank()) / static_cast<double>(work.shard_records));
  const double batches = shards * batches_of(in_shard * texts.passes * tokens.share_of_whole);
  const double sizes = usual_sizes * (1 - std::exp(-batches / usual_sizes));
  const double products = std::min(kept_products, sizes * (texts.scores ? 5 : 4));
  return work.threads * heap_growth * numbers * sizeof(float) + products * bytes_of_product;
}

}  // namespace

double flops_a_token(const model_files::ModelConfig& config, double length, bool scores) {
  const auto layers = static_cast<double>(config.layers);
  const double attention = 4 * length * static_cast<double>(config.heads * config.head_dim);
  const double head = scores ? 2 * static_cast<double>(config.hidden_size) * static_cast<double>(config.vocab_size) : 0;
  return layers * (2 * layer_weights(config) + attention) + head;
}

void add_model(const ChosenModel& model, const ModelTexts& texts, const Workload& work, Need& need) {
  if (!model.folder) return;
  const auto& config = model.folder->config;
  const auto tokens = summarise(token_counts(model, texts, work), texts.limit);
  const auto records = std::accumulate(work.records.begin(), work.records.end(), std::uint64_t{0});
  const double count = tokens.mean * texts.passes * static_cast<double>(records);
  need.tokens += static_cast<std::uint64_t>(count);
  need.flops += count * flops_a_token(config, tokens.mean, texts.scores);
  need.on_gpu = work.gpu;
  need.uses_models = true;
  add_weights(model, work.gpu, need);
  need.memory += operator_bytes + tokenizer_growth * file_bytes(model.folder->tokenizer);
  // Activations on a GPU are in its memory.
  if (!work.gpu)
    need.memory += static_cast<std::uint64_t>(cpu_bytes(config, tokens, texts, work, model.execution.batch_tokens));
}

}  // namespace farpoint::jobs
