// SPDX-License-Identifier: Apache-2.0
// A classifier that judges: a sequence-classification folder, or a sentence-transformers folder that ends in a layer
// with an output a label, as the job 'classify' writes them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/models/classifier.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/score/rating.hpp"
#include "rater.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::array outputs{score::Output::softmax, score::Output::sigmoid, score::Output::raw};

/// Ends with a layer that has an output a label, and nothing behind it.
bool is_linear_folder(const model_files::ModelFolder& folder) {
  const auto& sentence = folder.sentence;
  return sentence.found && !sentence.dense.empty() && !sentence.normalize &&
         sentence.dense.back().out == static_cast<std::int64_t>(folder.config.labels.size());
}

/// The activation that a CrossEncoder's config.json names (sentence-transformers); unset where it names none.
std::optional<RateOutput> cross_encoder_output(const model_files::ModelFolder& folder) {
  const auto json =
      nlohmann::json::parse(read_file(folder.sentence.transformer_folder / "config.json"), nullptr, false);
  std::string name;
  const auto newer = json.find("sentence_transformers");
  if (newer != json.end() && newer->is_object()) {
    const auto activation = newer->find("activation_fn");
    if (activation != newer->end() && activation->is_string()) name = activation->get<std::string>();
  }
  const auto older = json.find("sbert_ce_default_activation_function");
  if (name.empty() && older != json.end() && older->is_string()) name = older->get<std::string>();
  if (name.ends_with("Sigmoid")) return RateOutput::sigmoid;
  if (name.ends_with("Identity")) return RateOutput::raw;
  if (name.ends_with("Softmax")) return RateOutput::softmax;
  return std::nullopt;
}

RateOutput default_output(const model_files::ModelFolder& folder) {
  if (const auto named = cross_encoder_output(folder)) return *named;
  const auto& config = folder.config;
  if (config.problem == model_files::ProblemType::multi_label) return RateOutput::sigmoid;
  const bool is_single = config.labels.size() == 1 || config.problem == model_files::ProblemType::regression;
  return is_single ? RateOutput::raw : RateOutput::softmax;
}

class Judge final : public Rater {
 public:
  Judge(const ChosenModel& model, RateOptions& options, const Node& where)
      : path_(model.path), linear_(is_linear_folder(*model.folder)) {
    const auto& folder = *model.folder;
    const auto& labels = folder.config.labels;
    if (!linear_ && !folder.config.architecture.ends_with("ForSequenceClassification")) {
      throw ConfigError(where.place_of("model"),
                        fmt::format("'rate.model': {} is no classifier (architecture '{}'): name a causal language "
                                    "model or a folder with a classification head",
                                    folder.path.string(), folder.config.architecture));
    }
    options.max_tokens = resolve_max_tokens("rate", options.max_tokens, 3, folder, where);
    if (!options.pair) options.pair = false;
    if (*options.pair && linear_) {
      throw ConfigError(where.place_of("pair"), "'rate.pair': this classifier reads one text, not two");
    }
    if (!options.text && !*options.pair) options.text = corpus::TextView::full;
    if (!options.expectation) options.expectation = false;
    if (!options.output) options.output = *options.expectation ? RateOutput::softmax : default_output(folder);
    if (*options.expectation) {
      read_values(labels, where);
    } else {
      choose_label(labels, options, where);
    }
    options_ = options;
    width_ = labels.size();
  }

  void load(const models::Execution& execution) override {
    const auto max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    if (linear_) {
      models::EmbedderOptions options;
      options.max_tokens = max_tokens;
      options.execution = execution;
      embedder_.emplace(path_, options);
    } else {
      classifier_.emplace(path_, models::ClassifierOptions{max_tokens, execution});
    }
  }
  void unload() override {
    embedder_.reset();
    classifier_.reset();
  }

  std::vector<double> rate(const Shard& shard, ShardResult& result) const override {
    const auto logits = linear_ ? embedded(shard, result) : classified(shard, result);
    std::vector<double> values;
    std::vector<double> row(width_);
    for (std::size_t i = 0; i < shard.ids().size(); ++i) {
      const auto of_text = std::span(logits).subspan(i * width_, width_);
      row.assign(of_text.begin(), of_text.end());
      score::to_scores(outputs[static_cast<std::size_t>(*options_.output)], row);
      values.push_back(value_of(row));
    }
    blank(shard, values);
    return values;
  }

  std::string reason(const ShardResult&) const override { return "no text, or no finite output"; }

 private:
  void read_values(const std::vector<std::string>& labels, const Node& where) {
    for (const auto& label : labels) {
      double value = 0;
      const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), value);
      if (error != std::errc()) {
        throw ConfigError(where.place_of("expectation"),
                          fmt::format("'rate.expectation': the label '{}' does not begin with a number", label));
      }
      values_.push_back(value);
    }
  }

  void choose_label(const std::vector<std::string>& labels, RateOptions& options, const Node& where) {
    if (!options.label) {
      if (labels.size() > 2) {
        throw ConfigError(
            where.place,
            fmt::format("'rate' needs the key 'label' (or 'expectation'): this classifier has the labels {}",
                        fmt::join(labels, ", ")));
      }
      options.label = labels.back();
    }
    const auto found = std::find(labels.begin(), labels.end(), *options.label);
    if (found == labels.end()) {
      throw ConfigError(where.place_of("label"), fmt::format("'rate.label' is '{}', but the labels are {}",
                                                             *options.label, fmt::join(labels, ", ")));
    }
    label_ = static_cast<std::size_t>(found - labels.begin());
  }

  std::vector<float> embedded(const Shard& shard, ShardResult& result) const {
    const auto texts = shard.texts(*options_.text);
    auto embeddings = embedder_->embed(views(texts));
    result.units += embeddings.tokens;
    result.counters["truncated"] = embeddings.truncated;
    return std::move(embeddings.vectors);
  }

  std::vector<float> classified(const Shard& shard, ShardResult& result) const {
    const tokenizer::EncodeOptions encode{true, static_cast<std::size_t>(*options_.max_tokens)};
    const auto& tokenizer = classifier_->tokenizer();
    tokenizer::TokenLists tokens;
    if (*options_.pair) {
      const auto prompts = shard.texts(corpus::TextView::prompt);
      const auto responses = shard.texts(corpus::TextView::response);
      tokens = tokenizer.encode_pairs(views(prompts), views(responses), encode);
    } else {
      const auto texts = shard.texts(*options_.text);
      tokens = tokenizer.encode(views(texts), encode);
    }
    result.units += tokens.ids.size();
    result.counters["truncated"] =
        static_cast<std::uint64_t>(std::count(tokens.truncated.begin(), tokens.truncated.end(), 1));
    if (tokens.records_with_bad_utf8 > 0) result.counters["bad_utf8"] = tokens.records_with_bad_utf8;
    return classifier_->classify(tokens).logits;
  }

  double value_of(std::span<const double> scores) const {
    if (values_.empty()) return scores[label_];
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) sum += scores[i] * values_[i];
    return sum;
  }

  /// What a classifier says of nothing is no rating.
  void blank(const Shard& shard, std::vector<double>& values) const {
    const auto texts = shard.texts(*options_.pair ? corpus::TextView::response : *options_.text);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (texts[i].empty()) values[i] = std::numeric_limits<double>::quiet_NaN();
    }
  }

  static std::vector<std::string_view> views(const store::Strings& texts) {
    std::vector<std::string_view> views;
    for (std::size_t i = 0; i < texts.size(); ++i) views.push_back(texts[i]);
    return views;
  }

  std::filesystem::path path_;
  bool linear_;
  RateOptions options_;
  std::size_t width_ = 0;
  std::size_t label_ = 0;
  std::vector<double> values_;  // of the labels, for an expectation
  std::optional<models::Classifier> classifier_;
  std::optional<models::Embedder> embedder_;
};

}  // namespace

std::unique_ptr<Rater> make_judge(const ChosenModel& model, RateOptions& options, const Node& where) {
  return std::make_unique<Judge>(model, options, where);
}

std::unique_ptr<Rater> make_rater(const ChosenModel& model, RateOptions& options, const Node& where) {
  const auto& config = model.folder->config;
  // A causal model with a classification head is a reward model.
  const bool is_asked =
      model_files::is_causal(config.family) && !config.architecture.ends_with("ForSequenceClassification");
  check_rate_options(options, is_asked, where);
  return is_asked ? make_asked_model(model, options, where) : make_judge(model, options, where);
}

}  // namespace farpoint::jobs
