// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "farpoint/model_files/weights.hpp"

namespace farpoint::jobs {

using namespace pipeline;
using model_files::ModelFolder;
using score::LabelOutput;

namespace {

[[noreturn]] void refuse(const Node& where, const std::string& key, const std::string& why) {
  throw ConfigError(where.place_of(key), fmt::format("'rate.{}': {}", key, why));
}

/// The tensors of classification heads (src/models/classification_head.cpp).
bool has_classification_head(const ModelFolder& folder) {
  if (folder.config.architecture.ends_with("ForTokenClassification")) return false;
  const auto weights = model_files::Weights::open(folder.sentence.transformer_folder);
  const auto has = [&](const char* name) { return weights.find(name) != nullptr; };
  if (model_files::is_causal(folder.config.family)) return has("score.weight");
  return has("classifier.weight") || has("classifier.out_proj.weight") || has("fc.weight");
}

bool gives_labels(const model_files::SentencePipeline& sentence, std::size_t labels) {
  if (sentence.normalize || sentence.dense.empty()) return false;
  const auto& last = sentence.dense.back();
  return last.out == static_cast<std::int64_t>(labels) && last.activation == model_files::Activation::identity;
}

void refuse_options_of_classifiers(const RateOptions& options, const Node& where) {
  const auto refuse_if = [&](bool is_set, const std::string& key) {
    if (is_set) refuse(where, key, "is for models with a classification head, but this one is asked for a rating");
  };
  refuse_if(options.output.has_value(), "output");
  refuse_if(options.label.has_value(), "label");
  refuse_if(options.expectation.has_value(), "expectation");
  refuse_if(options.text.has_value(), "text");
  refuse_if(options.pair.has_value(), "pair");
  refuse_if(!options.clamp.empty(), "clamp");
}

void refuse_options_of_raters(const RateOptions& options, const Node& where) {
  const auto refuse_if = [&](bool is_set, const std::string& key) {
    if (is_set)
      refuse(where, key, "is for causal language models that are asked for a rating, but this is a classifier");
  };
  refuse_if(options.rating.has_value(), "rating");
  refuse_if(options.prompt && !options.uses_chat(), "template");
  refuse_if(!options.scale.empty(), "scale");
  refuse_if(!options.values.empty(), "values");
  refuse_if(options.turns.has_value(), "turns");
  refuse_if(options.quality_model.has_value(), "quality_model");
}

void resolve_scale(RateOptions& options, const Node& where) {
  if (options.scale.empty()) options.scale = {"1", "2", "3", "4", "5", "6"};
  if (options.scale.size() < 2) refuse(where, "scale", "give two ratings at least");
  if (options.values.empty()) {
    for (const auto& text : options.scale) {
      double number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
        refuse(where, "scale", fmt::format("'{}' is no number; say in 'values' what each of the scale counts", text));
      }
      options.values.push_back(number);
    }
  }
  if (options.values.size() != options.scale.size()) {
    refuse(where, "values", fmt::format("{} numbers for a scale of {}", options.values.size(), options.scale.size()));
  }
}

void resolve_rater(RateOptions& options, const Node& where) {
  refuse_options_of_classifiers(options, where);
  if (options.rating && options.prompt) refuse(where, "template", "a 'rating' has its own; give one of the two");
  if (!options.rating && !options.prompt) {
    refuse(where, "model",
           "a causal language model needs the key 'rating' (complexity, quality or evol) or 'template'");
  }
  if (options.quality_model && !options.is_evol()) refuse(where, "quality_model", "is for 'rating: evol'");
  if (options.is_evol() && !options.quality_model) options.quality_model = options.model;
  if (!options.turns) options.turns = Turns::sum;
  resolve_scale(options, where);
}

/// As sentence-transformers reads a CrossEncoder; unset: the folder is none.
std::optional<LabelOutput> output_of_cross_encoder(const ModelFolder& folder, const Node& where) {
  auto activation = folder.config.cross_encoder_activation;
  const auto& stored = folder.sentence.cross_encoder_activation;
  if (stored && !stored->empty()) activation = *stored;
  if (activation.empty()) {
    if (!stored) return std::nullopt;
    return folder.config.labels.size() == 1 ? LabelOutput::sigmoid : LabelOutput::raw;
  }
  if (activation.ends_with(".Sigmoid")) return LabelOutput::sigmoid;
  if (activation.ends_with(".Identity")) return LabelOutput::raw;
  if (activation.ends_with(".Softmax")) return LabelOutput::softmax;
  refuse(where, "model",
         fmt::format("the folder's activation is '{}'; say with 'output' whether to take softmax, sigmoid or raw",
                     activation));
}

LabelOutput default_output(const ModelFolder& folder, const Node& where) {
  if (const auto output = output_of_cross_encoder(folder, where)) return *output;
  switch (folder.config.problem) {
    case model_files::ProblemType::regression:
      return LabelOutput::raw;
    case model_files::ProblemType::multi_label:
      return LabelOutput::sigmoid;
    case model_files::ProblemType::single_label:
      break;
  }
  return LabelOutput::softmax;
}

void resolve_label(RateOptions& options, const std::vector<std::string>& labels, const Node& where) {
  if (!options.label) {
    if (labels.size() > 2) {
      refuse(where, "model",
             fmt::format("give with 'label' which of its labels is the rating: {}; or 'expectation: "
                         "true' where they are numbers",
                         fmt::join(labels, ", ")));
    }
    options.label = labels.back();
    return;
  }
  if (std::find(labels.begin(), labels.end(), *options.label) != labels.end()) return;
  std::size_t index = 0;
  const auto& text = *options.label;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() || index >= labels.size()) {
    refuse(where, "label",
           fmt::format("'{}' is no label of the model{}; there are {}", text, suggestion(text, labels),
                       fmt::join(labels, ", ")));
  }
  options.label = labels[index];
}

void resolve_expectation(RateOptions& options, const std::vector<std::string>& labels, const Node& where) {
  if (options.label) refuse(where, "label", "an expectation is over all labels; leave out one of the two");
  if (options.output && options.output != LabelOutput::softmax) {
    refuse(where, "output", "an expectation needs probabilities that add up to 1: softmax");
  }
  options.output = LabelOutput::softmax;
  for (const auto& label : labels) {
    if (!std::isnan(score::label_number(label))) continue;
    refuse(where, "expectation",
           fmt::format("label '{}' does not begin with a number; the labels are {}", label, fmt::join(labels, ", ")));
  }
}

void resolve_text(RateOptions& options, JudgeKind kind, const ModelFolder& folder, const Node& where) {
  if (options.uses_chat()) {
    if (!model_files::is_causal(folder.config.family) || kind != JudgeKind::classifier) {
      refuse(where, "template", "chat is for causal models with a classification head (reward models)");
    }
    if (options.text) refuse(where, "text", "with 'template: chat' it is the whole conversation that is rated");
    if (options.pair.value_or(false))
      refuse(where, "pair", "with 'template: chat' it is the conversation that is rated");
    return;
  }
  if (!options.pair) options.pair = false;
  if (*options.pair && kind == JudgeKind::projection) refuse(where, "pair", "the model reads one text, not two");
  if (*options.pair && options.text)
    refuse(where, "text", "with 'pair: true' it is prompt and response that are rated");
  if (!*options.pair && !options.text) options.text = corpus::TextView::full;
}

void resolve_classifier(RateOptions& options, JudgeKind kind, const ModelFolder& folder, const Node& where) {
  refuse_options_of_raters(options, where);
  const auto& labels = folder.config.labels;
  if (!options.expectation) options.expectation = false;
  if (*options.expectation) {
    resolve_expectation(options, labels, where);
  } else {
    resolve_label(options, labels, where);
    if (!options.output) options.output = default_output(folder, where);
  }
  if (options.output == LabelOutput::softmax && labels.size() == 1) {
    refuse(where, "output", "softmax over one label is always 1; give sigmoid or raw");
  }
  resolve_text(options, kind, folder, where);
  const auto& clamp = options.clamp;
  if (!clamp.empty() && (clamp.size() != 2 || !(clamp[0] <= clamp[1]))) {
    refuse(where, "clamp", "give the smallest and the largest value: [0, 5]");
  }
}

}  // namespace

Fields<RateOptions> RateOptions::fields() {
  using R = RateOptions;
  return {
      option("model", &R::model, "a causal language model or a classifier, by its name under `models`").need(),
      option("as", &R::as, "name of the column"),
      option("rating", &R::rating,
             "causal model: what it is asked for, with DEITA's prompts; evol: complexity times quality, with "
             "NAME.complexity and NAME.quality beside"),
      option("template", &R::prompt,
             "causal model: a prompt of your own, with {prompt} or {instruction}, {response} or {output}, or {text}. "
             "Reward model: chat, the conversation by the model's chat template"),
      option("scale", &R::scale, "causal model: the ratings, each one token; unset: 1 to 6"),
      option("values", &R::values, "causal model: what each of the scale counts; unset: they are numbers"),
      option("turns", &R::turns,
             "causal model: what the ratings of a conversation's exchanges come to; unset: their sum, as in DEITA"),
      option("quality_model", &R::quality_model, "with `rating: evol`: who rates the quality; unset: `model`"),
      option("output", &R::output, "classifier: what is made of the logits; unset: as the folder says"),
      option("label", &R::label, "classifier: whose output the rating is, by name or index; unset: the last of two"),
      option("expectation", &R::expectation,
             "classifier: the sum of probability times number over labels that begin with a number; unset: false"),
      option("text", &R::text, "classifier: which view of the record is rated; unset: full"),
      option("pair", &R::pair, "classifier: prompt and response are rated as a pair of texts; unset: false"),
      option("clamp", &R::clamp, "classifier: smallest and largest value, [0, 5]; unset: as computed"),
      option("max_tokens", &R::max_tokens,
             "classifier: longer texts lose their end; causal model: longer prompts have no rating; unset: as the "
             "folder says"),
      option("batch_tokens", &R::batch_tokens,
             "tokens that go through the model at once; unset: what suits the device. Changes rounding"),
  };
}

JudgeKind judge_kind(const ModelFolder& folder, const std::string& key, const Node& where) {
  if (folder.sentence.found) {
    if (gives_labels(folder.sentence, folder.config.labels.size())) return JudgeKind::projection;
    refuse(where, key,
           fmt::format("{} makes embeddings; name a causal language model or a classifier", folder.path.string()));
  }
  if (has_classification_head(folder)) return JudgeKind::classifier;
  if (model_files::is_causal(folder.config.family)) return JudgeKind::rater;
  refuse(where, key,
         fmt::format("{} holds an encoder (model type '{}') without a classification head; name a causal language "
                     "model or a classifier",
                     folder.path.string(), folder.config.model_type));
}

void resolve_options(RateOptions& options, JudgeKind kind, const ModelFolder& folder, const Node& where) {
  if (kind == JudgeKind::rater) {
    resolve_rater(options, where);
  } else {
    resolve_classifier(options, kind, folder, where);
  }
}

std::vector<std::string> column_endings(const RateOptions& options) {
  if (options.is_evol()) return {"", ".complexity", ".quality"};
  return {""};
}

std::size_t chosen_label(const RateOptions& options, const std::vector<std::string>& labels) {
  const auto found = std::find(labels.begin(), labels.end(), options.label.value_or(""));
  return found == labels.end() ? 0 : static_cast<std::size_t>(found - labels.begin());
}

}  // namespace farpoint::jobs
