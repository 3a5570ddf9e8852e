// SPDX-License-Identifier: Apache-2.0
// jobs/learning/options.hpp: what 'contrast' and 'classify' have in common: which learner, and how it learns.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

enum class LearnerKind : std::uint8_t { linear, encoder };
enum class ClassWeights : std::uint8_t { balanced, none };

/// Options of a job derive from this and put learner_fields() behind their own.
struct LearnerOptions {
  LearnerKind learner = LearnerKind::linear;
  std::string vectors;
  std::string model;
  corpus::TextView text = corpus::TextView::full;
  std::uint64_t folds = 5;
  ClassWeights class_weights = ClassWeights::balanced;
  std::uint64_t max_examples = 20'000;
  double threshold = 0.5;
  double l2 = 1e-2;
  std::uint64_t epochs = 3;
  std::uint64_t batch = 32;
  std::uint64_t micro_batch = 8;
  double learning_rate = 2e-5;
  double warmup = 0.1;
  double weight_decay = 0.01;
  double clip = 1;
  bool dropout = true;
  double checkpoint_seconds = 120;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> batch_tokens;
};

template <typename Options>
void add_learner_fields(pipeline::Fields<Options>& fields) {
  const auto add = [&]<typename T>(const char* key, T LearnerOptions::*member, const char* help) -> auto& {
    fields.push_back(pipeline::option(key, static_cast<T Options::*>(member), help));
    return fields.back();
  };
  using L = LearnerOptions;
  add("learner", &L::learner,
      "linear: logistic regression on vectors; encoder: a model of `models`, all of whose weights are trained");
  add("vectors", &L::vectors,
      "linear: the column of vectors; unset: the only one that there is, or the built-in embedding where there is "
      "none");
  add("model", &L::model, "encoder: which model is trained; linear: makes the vectors, in place of a column");
  add("text", &L::text, "which view of the record is read, where texts are");
  add("folds", &L::folds, "parts of the examples, each held out from one of so many models");
  add("class_weights", &L::class_weights, "balanced: each label counts the same, however many examples it has");
  add("max_examples", &L::max_examples, "of more examples with a label than this, a random sample is learnt from");
  add("threshold", &L::threshold, "probability from which a record counts as positive in accuracy and confusion");
  add("l2", &L::l2, "linear: weight of the penalty on the squared weights of standardised features");
  add("epochs", &L::epochs, "encoder: times that each example is seen");
  add("batch", &L::batch, "encoder: examples of a step, over all ranks");
  add("micro_batch", &L::micro_batch,
      "encoder: of them, those whose gradient is computed at once; these are shared out over ranks and threads");
  add("learning_rate", &L::learning_rate, "encoder: the largest, after the warm-up; it falls linearly to 0");
  add("warmup", &L::warmup, "encoder: share of the steps in which the learning rate rises");
  add("weight_decay", &L::weight_decay, "encoder: of all weights but biases and norms");
  add("clip", &L::clip, "encoder: largest norm of the gradient; 0: not clipped");
  add("dropout", &L::dropout, "encoder: whether there is dropout in training, as much as the model's folder says");
  add("checkpoint_seconds", &L::checkpoint_seconds, "encoder: how often the state of the training is kept").effect =
      pipeline::Effect::speed;
  add("max_tokens", &L::max_tokens, "tokens that are read of a text, special ones included; unset: as the folder says");
  add("batch_tokens", &L::batch_tokens,
      "tokens that go through the model at once when records are scored; unset: what suits the device");
}

/// Throws ConfigError for values that make no sense, and for options of the other learner. `job` names the job.
void check_learner_options(const std::string& job, const LearnerOptions& options, const pipeline::Node& where);

/// Takes the options of the other learner out of a job's, so that a resolved configuration can be read again.
pipeline::Node without_other_learner(pipeline::Node options, LearnerKind learner);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::LearnerKind> {
  static constexpr std::array<std::string_view, 2> values{"linear", "encoder"};
};
template <>
struct Names<jobs::ClassWeights> {
  static constexpr std::array<std::string_view, 2> values{"balanced", "none"};
};

}  // namespace farpoint::pipeline
