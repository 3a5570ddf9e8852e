// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "farpoint/score/perplexity.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// One entry a record of each list that the options ask for.
struct Measures {
  std::vector<score::Perplexity> whole;          ///< of the text by itself
  std::vector<score::AnswerPerplexities> given;  ///< of the answers, each given what stands before it
  std::vector<score::Perplexity> alone;          ///< of the same answers, each a text by itself; pooled
  std::vector<score::Perplexity> prompt_given;   ///< of the prompt, given the response
  std::vector<score::Perplexity> prompt_alone;
};

/// Which texts the options are about.
TextChoice texts_for(const PerplexityOptions& options, const tokenizer::ChatTemplate* chat);

/// Counts units, and texts that are read in windows, in `result`.
Measures measure(const PerplexityOptions& options, const ScoredTexts& texts, const models::LanguageModel& model,
                 pipeline::ShardResult& result);

/// One a name of column_endings().
std::vector<store::Column> columns_of(const PerplexityOptions& options, const Measures& measures);

}  // namespace farpoint::jobs
