// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"
#include "farpoint/score/rating.hpp"

namespace farpoint::jobs {

/// What a causal model is asked for; evol: complexity times quality.
enum class Rating : std::uint8_t { complexity, quality, evol };
/// What the ratings of a conversation's exchanges come to.
enum class Turns : std::uint8_t { sum, mean, last };

/// Which of a folder's models rates, and how its answer is read.
enum class JudgeKind : std::uint8_t {
  rater,       ///< a causal language model that is asked for a rating
  classifier,  ///< a classification head: one logit a label
  projection   ///< a sentence-transformers folder whose last layer has one output a label
};

/// Those that are for other kinds of judges stay unset.
struct RateOptions {
  std::string model;
  std::string as = "rating";
  // Of causal language models.
  std::optional<Rating> rating;
  std::optional<std::string> prompt;
  std::vector<std::string> scale;
  std::vector<double> values;
  std::optional<Turns> turns;
  std::optional<std::string> quality_model;
  // Of classifiers.
  std::optional<score::LabelOutput> output;
  std::optional<std::string> label;
  std::optional<bool> expectation;
  std::optional<corpus::TextView> text;
  std::optional<bool> pair;
  std::vector<double> clamp;

  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> batch_tokens;

  static pipeline::Fields<RateOptions> fields();

  bool is_evol() const { return rating == Rating::evol; }
  bool uses_chat() const { return prompt == "chat"; }
};

/// Throws ConfigError at `key` where the folder holds no judge.
JudgeKind judge_kind(const model_files::ModelFolder& folder, const std::string& key, const pipeline::Node& where);

/// Fills in what is left to the folder and what has a default, so that the run's configuration says what was done.
/// Throws ConfigError for options of other kinds of judges, and for what cannot be.
void resolve_options(RateOptions& options, JudgeKind kind, const model_files::ModelFolder& folder,
                     const pipeline::Node& where);

/// What the job's columns have behind its name, in their order; "" first.
std::vector<std::string> column_endings(const RateOptions& options);

/// Of the options of a classifier, resolved.
std::size_t chosen_label(const RateOptions& options, const std::vector<std::string>& labels);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Rating> {
  static constexpr std::array<std::string_view, 3> values{"complexity", "quality", "evol"};
};
template <>
struct Names<jobs::Turns> {
  static constexpr std::array<std::string_view, 3> values{"sum", "mean", "last"};
};
template <>
struct Names<score::LabelOutput> {
  static constexpr std::array<std::string_view, 3> values{"softmax", "sigmoid", "raw"};
};

}  // namespace farpoint::pipeline
