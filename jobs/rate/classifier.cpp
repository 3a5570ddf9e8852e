// SPDX-License-Identifier: Apache-2.0
// jobs/rate/classifier.cpp: a model that gives each label a logit.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "farpoint/models/classifier.hpp"
#include "farpoint/models/embedder.hpp"
#include "judge.hpp"
#include "scored_texts.hpp"

namespace farpoint::jobs {

namespace {

using pipeline::Shard;
using pipeline::ShardResult;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// The texts of a shard that can be rated.
struct RatedTexts {
  store::Strings first;
  store::Strings second;  // of pairs
  std::vector<std::size_t> rows;
};

class LabelJudge : public Judge {
 public:
  LabelJudge(const RateOptions& options, const std::vector<std::string>& labels)
      : options_(options), label_(chosen_label(options, labels)), labels_(labels.size()) {
    for (const auto& label : labels) numbers_.push_back(score::label_number(label));
  }

  std::vector<std::vector<double>> rate(const Shard& shard, ShardResult& result) const override {
    const auto texts = texts_of(shard, result);
    const auto logits = logits_of(texts, result);
    std::vector<double> ratings(shard.ids().size(), none);
    for (std::size_t i = 0; i < texts.rows.size(); ++i) {
      ratings[texts.rows[i]] = rating_of(std::span(logits).subspan(i * labels_, labels_));
    }
    result.counters["nothing_to_rate"] = shard.ids().size() - texts.rows.size();
    return {ratings};
  }

 protected:
  /// [texts, labels], row-major. Counts units, truncated texts and those with bad UTF-8.
  virtual std::vector<float> logits_of(const RatedTexts& texts, ShardResult& result) const = 0;
  virtual RatedTexts texts_of(const Shard& shard, ShardResult& result) const = 0;

  /// The records whose view has text.
  RatedTexts plain_texts(const Shard& shard) const {
    RatedTexts rated;
    const auto texts = shard.texts(*options_.text);
    for (std::size_t row = 0; row < texts.size(); ++row) {
      if (texts[row].empty()) continue;
      rated.first.push_back(texts[row]);
      rated.rows.push_back(row);
    }
    return rated;
  }

  static void count(const tokenizer::TokenLists& tokens, ShardResult& result) {
    result.units += tokens.ids.size();
    result.counters["truncated"] +=
        static_cast<std::uint64_t>(std::count(tokens.truncated.begin(), tokens.truncated.end(), 1));
    if (tokens.records_with_bad_utf8 > 0) result.counters["bad_utf8"] += tokens.records_with_bad_utf8;
  }

  const RateOptions options_;

 private:
  double rating_of(std::span<const float> logits) const {
    if (!std::all_of(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); })) return none;
    double rating = 0;
    if (options_.expectation.value_or(false)) {
      const std::vector<double> weights(logits.begin(), logits.end());
      rating = score::expectation(weights, numbers_);
    } else {
      rating = score::label_value(logits, label_, *options_.output);
    }
    return options_.clamp.empty() ? rating : std::clamp(rating, options_.clamp[0], options_.clamp[1]);
  }

  std::size_t label_;
  std::size_t labels_;
  std::vector<double> numbers_;
};

/// A classification head.
class HeadJudge final : public LabelJudge {
 public:
  HeadJudge(const RateOptions& options, const ChosenModel& model, const tokenizer::ChatTemplate* chat)
      : LabelJudge(options, model.folder->config.labels),
        chat_(chat),
        classifier_(model.path, {static_cast<std::int64_t>(*options.max_tokens), model.execution}) {
    // Too few tokens for the special ones are an error before any work.
    const std::string_view nothing;
    encode(std::span(&nothing, 1), std::span(&nothing, 1));
  }

 private:
  RatedTexts texts_of(const Shard& shard, ShardResult& result) const override {
    if (chat_ != nullptr) return rendered_texts(shard, result);
    return *options_.pair ? pairs(shard) : plain_texts(shard);
  }

  RatedTexts pairs(const Shard& shard) const {
    RatedTexts rated;
    const auto prompts = shard.texts(corpus::TextView::prompt);
    const auto responses = shard.texts(corpus::TextView::response);
    for (std::size_t row = 0; row < prompts.size(); ++row) {
      if (prompts[row].empty() || responses[row].empty()) continue;
      rated.first.push_back(prompts[row]);
      rated.second.push_back(responses[row]);
      rated.rows.push_back(row);
    }
    return rated;
  }

  RatedTexts rendered_texts(const Shard& shard, ShardResult& result) const {
    TextChoice choice;
    choice.chat = chat_;
    const auto texts = scored_texts(shard, choice);
    result.counters["refused_by_template"] = texts.refused.size();
    RatedTexts rated;
    for (std::size_t row = 0; row < texts.whole.size(); ++row) {
      if (texts.whole[row].empty()) continue;
      rated.first.push_back(texts.whole[row]);
      rated.rows.push_back(row);
    }
    return rated;
  }

  tokenizer::TokenLists encode(std::span<const std::string_view> first,
                               std::span<const std::string_view> second) const {
    const auto& tokenizer = classifier_.tokenizer();
    // A chat template writes the special tokens itself.
    const tokenizer::EncodeOptions encoding{chat_ == nullptr, static_cast<std::size_t>(classifier_.max_tokens())};
    const bool pairs = options_.pair.value_or(false);
    return pairs ? tokenizer.encode_pairs(first, second, encoding) : tokenizer.encode(first, encoding);
  }

  std::vector<float> logits_of(const RatedTexts& texts, ShardResult& result) const override {
    const auto tokens = encode(texts.first.views(), texts.second.views());
    count(tokens, result);
    return classifier_.classify(tokens).logits;
  }

  const tokenizer::ChatTemplate* chat_;
  models::Classifier classifier_;
};

models::EmbedderOptions embedder_options(const RateOptions& options, const ChosenModel& model) {
  models::EmbedderOptions result;
  result.max_tokens = static_cast<std::int64_t>(*options.max_tokens);
  result.execution = model.execution;
  return result;
}

/// A linear layer on an embedding.
class ProjectionJudge final : public LabelJudge {
 public:
  ProjectionJudge(const RateOptions& options, const ChosenModel& model)
      : LabelJudge(options, model.folder->config.labels), embedder_(model.path, embedder_options(options, model)) {}

 private:
  std::vector<float> logits_of(const RatedTexts& texts, ShardResult& result) const override {
    const auto tokens = embedder_.tokenize(texts.first.views());
    count(tokens, result);
    return embedder_.embed(tokens).vectors;
  }
  RatedTexts texts_of(const Shard& shard, ShardResult&) const override { return plain_texts(shard); }

  models::Embedder embedder_;
};

}  // namespace

std::unique_ptr<Judge> make_classifier(const RateOptions& options, JudgeKind kind, const ChosenModel& model,
                                       const tokenizer::ChatTemplate* chat) {
  if (kind == JudgeKind::projection) return std::make_unique<ProjectionJudge>(options, model);
  return std::make_unique<HeadJudge>(options, model, chat);
}

}  // namespace farpoint::jobs
