// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <future>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/parallel.hpp"
#include "loaded_model.hpp"
#include "pooling.hpp"
#include "whole_models.hpp"

namespace farpoint::models {

namespace {

/// Unicode's, of no particular language. Bytes that are not UTF-8 become U+FFFD.
std::string to_lower(std::string_view utf8) {
  const icu::StringPiece piece(utf8.data(), static_cast<std::int32_t>(utf8.size()));
  std::string lower;
  icu::UnicodeString::fromUTF8(piece).toLower(icu::Locale::getRoot()).toUTF8String(lower);
  return lower;
}

/// Texts that are computed while the next ones are tokenised: enough for batches of like lengths.
constexpr std::size_t slice_texts = 2048;

/// `first`: place of the part's first text among all.
void append(const Embeddings& part, std::size_t first, Embeddings& all) {
  all.vectors.insert(all.vectors.end(), part.vectors.begin(), part.vectors.end());
  for (const auto text : part.failed) all.failed.push_back(static_cast<std::uint32_t>(first + text));
  all.distinct += part.distinct;
  all.tokens += part.tokens;
  all.truncated += part.truncated;
  all.bad_utf8 += part.bad_utf8;
}

at::Tensor normalized(const at::Tensor& x) {
  return x / x.norm(2, 1, true).clamp_min(1e-12);
}

/// A layer behind the pooling, float32.
class Projection {
 public:
  Projection(const model_files::Dense& dense, at::Device device)
      : normalized_input_(dense.normalized_input), activation_(dense.activation) {
    const auto weights = model_files::Weights::open(dense.folder);
    Placement placement;
    placement.device = device;
    Parameters parameters(weights, placement);
    product_ = Scope(parameters, "linear.").linear(dense.out, dense.in, dense.bias);
    parameters.check_all_taken();
  }
  at::Tensor operator()(const at::Tensor& x) const {
    return product_.activated(normalized_input_ ? normalized(x) : x, activation_);
  }

 private:
  bool normalized_input_;
  Linear product_;
  Activation activation_;
};

/// The model with what stands before and behind it.
struct EmbeddingModel {
  LoadedModel model;
  std::vector<model_files::PoolingMode> modes;
  std::string prompt;
  std::int64_t prompt_tokens = 0;  // at the beginning of each text, left out of the pooling
  std::vector<Projection> projections;
  std::int64_t dimension = 0;

  EmbeddingModel(const model_files::ModelFolder& folder, const EmbedderOptions& options)
      : model(folder, options.execution, options.max_tokens, [](Parameters&) {}),
        modes(options.pooling ? std::vector{*options.pooling} : folder.sentence.pooling),
        prompt(options.prompt.value_or(folder.sentence.default_prompt)) {
    if (modes.empty()) modes = {model_files::PoolingMode::mean};
    dimension = folder.config.hidden_size * static_cast<std::int64_t>(modes.size());
    check_width();
    const c10::InferenceMode inference;
    for (const auto& dense : folder.sentence.dense) {
      projections.emplace_back(dense, model.placement.device);
      dimension = dense.out;
    }
    if (!folder.sentence.include_prompt && !prompt.empty()) prompt_tokens = count_prompt_tokens();
  }

  void check_width() const {
    const auto& sentence = model.folder.sentence;
    if (sentence.dense.empty() || sentence.dense.front().in == dimension) return;
    throw UsageError(fmt::format("{}: the first dense layer takes {} numbers, but the pooling gives {}{}",
                                 model.folder.path.string(), sentence.dense.front().in, dimension,
                                 modes == sentence.pooling ? "" : "; leave 'pooling' as the folder has it"));
  }

  std::int64_t count_prompt_tokens() const {
    const std::string_view text = prompt;
    const auto tokens = model.tokenizer.encode(std::span(&text, 1));
    return static_cast<std::int64_t>(tokens.ids.size() - model.tokenizer.back().size());
  }

  at::Tensor vectors(const PackedBatch& batch) const {
    const std::vector<std::int64_t> skipped(prompt_tokens > 0 ? static_cast<std::size_t>(batch.sequences()) : 0,
                                            prompt_tokens);
    at::Tensor x = pool(model.backbone->hidden(batch), batch, modes, skipped);
    for (const auto& projection : projections) x = projection(x);
    return model.folder.sentence.normalize ? normalized(x) : x;
  }
};

class LoadedEmbedder final : public Embedder::Implementation {
 public:
  LoadedEmbedder(const model_files::ModelFolder& folder, const EmbedderOptions& options) : model_(folder, options) {}

  std::int64_t dimension() const override { return model_.dimension; }
  std::int64_t max_tokens() const override { return model_.model.max_tokens; }
  tokenizer::TokenLists tokenize(std::span<const std::string_view> texts) const override;
  Embeddings embed(const tokenizer::TokenLists& texts) const override;
  Embeddings embed(std::span<const std::string_view> texts) const override;

 private:
  EmbeddingModel model_;
};

tokenizer::TokenLists LoadedEmbedder::tokenize(std::span<const std::string_view> texts) const {
  const auto& of = model_;
  const bool lower_case = of.model.folder.sentence.do_lower_case;
  const tokenizer::EncodeOptions encoding{true, static_cast<std::size_t>(of.model.max_tokens)};
  if (of.prompt.empty() && !lower_case) return of.model.tokenizer.encode(texts, encoding);
  std::vector<std::string> changed;
  for (const auto text : texts) changed.push_back(of.prompt + (lower_case ? to_lower(text) : std::string(text)));
  return of.model.tokenizer.encode(std::vector<std::string_view>(changed.begin(), changed.end()), encoding);
}

Embeddings LoadedEmbedder::embed(const tokenizer::TokenLists& texts) const {
  const auto& of = model_;
  auto rows =
      map_distinct_texts(of.model, texts, of.dimension, [&](const PackedBatch& batch) { return of.vectors(batch); });
  Embeddings result;
  result.vectors = std::move(rows.rows);
  result.failed = std::move(rows.failed);
  result.distinct = rows.distinct;
  result.tokens = texts.ids.size();
  result.truncated = static_cast<std::uint64_t>(std::count(texts.truncated.begin(), texts.truncated.end(), 1));
  result.bad_utf8 = texts.records_with_bad_utf8;
  return result;
}

Embeddings LoadedEmbedder::embed(std::span<const std::string_view> texts) const {
  const auto slice = [&](std::size_t begin) {
    return texts.subspan(begin, std::min(slice_texts, texts.size() - begin));
  };
  const auto threads = static_cast<int>(thread_count());
  const auto tokenize_ahead = [&](std::size_t begin) {
    return std::async(std::launch::async, [&, begin] {
      set_threads(threads);  // belongs to the thread that asks
      return tokenize(slice(begin));
    });
  };
  Embeddings all;
  if (texts.empty()) return all;
  auto next = tokenize_ahead(0);
  for (std::size_t begin = 0; begin < texts.size(); begin += slice_texts) {
    const auto tokens = next.get();
    if (begin + slice_texts < texts.size()) next = tokenize_ahead(begin + slice_texts);
    append(embed(tokens), begin, all);
  }
  return all;
}

}  // namespace

std::unique_ptr<Embedder::Implementation> make_embedder(const std::filesystem::path& folder,
                                                        const EmbedderOptions& options) {
  return std::make_unique<LoadedEmbedder>(model_files::open_model_folder(folder), options);
}

}  // namespace farpoint::models
