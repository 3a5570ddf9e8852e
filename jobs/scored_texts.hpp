// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/tokenizer/chat_template.hpp"

namespace farpoint::jobs {

/// Which texts of the records a likelihood is asked of.
struct TextChoice {
  bool whole = true;                               ///< a text by itself
  bool responses = false;                          ///< the response, and what stands before it
  corpus::TextView view = corpus::TextView::full;  ///< which text, without a chat template
  const tokenizer::ChatTemplate* chat = nullptr;   ///< null: the plain views of a record
};

/// One entry a record of each list that was asked for. What a chat template refused is empty in all.
struct ScoredTexts {
  store::Strings whole;
  store::Strings contexts;  ///< the prompt and a newline; with a template, all up to where the model answers
  store::Strings responses;
  std::vector<std::uint32_t> refused;  ///< rows of the records that the template could not write
  std::string refusal;                 ///< why it could not write the first of them
};

/// With a template, the response is what the template writes behind the context: the answer and how it ends. Where the
/// template writes the context otherwise once there is an answer, the response begins at the answer's own text.
ScoredTexts scored_texts(const pipeline::Shard& shard, const TextChoice& choice);

}  // namespace farpoint::jobs
