// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chosen_model.hpp"
#include "farpoint/score/template.hpp"
#include "farpoint/tokenizer/chat_template.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// A loaded model that rates records.
class Judge {
 public:
  virtual ~Judge() = default;
  /// One list a name of column_endings(), with one entry a record. Counts units and what has no rating in `result`.
  virtual std::vector<std::vector<double>> rate(const pipeline::Shard& shard, pipeline::ShardResult& result) const = 0;
};

/// A prompt of the user's own, or one of DEITA's. `fields()` are {prompt} and {instruction}, {response} and {output},
/// {text}.
class RatingPrompt {
 public:
  /// Throws UsageError for other fields, and for none.
  explicit RatingPrompt(std::string_view text);

  /// It is about a record as a whole, not about its exchanges.
  bool is_of_text() const;
  /// A field that it uses has no text in `exchange`, or in `text`.
  bool lacks(const score::Exchange& exchange, std::string_view text) const;
  std::string write(const score::Exchange& exchange, std::string_view text) const;

 private:
  score::Template template_;
};

/// What the options' ratings are asked with: of evol two, complexity first. Throws UsageError for what is no template.
std::vector<RatingPrompt> rating_prompts(const RateOptions& options);

/// `models` are one a prompt; equal ones may share their path, and then their weights. `options` are resolved.
std::unique_ptr<Judge> make_rater(const RateOptions& options, const std::vector<ChosenModel>& models);

/// `chat` may be null, and outlives the judge.
std::unique_ptr<Judge> make_classifier(const RateOptions& options, JudgeKind kind, const ChosenModel& model,
                                       const tokenizer::ChatTemplate* chat);

}  // namespace farpoint::jobs
