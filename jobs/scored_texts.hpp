// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/tokenizer/chat_template.hpp"

namespace farpoint::jobs {

/// Which of a record's answers are scored.
enum class AnswerChoice : std::uint8_t { last, all };

/// Which texts of the records a likelihood is asked of.
struct TextChoice {
  bool whole = true;                               ///< a text by itself
  bool answers = false;                            ///< answers, and what stands before each
  bool prompts = false;                            ///< the prompt by itself, in its plain view
  corpus::TextView view = corpus::TextView::full;  ///< which text is the whole one, without a chat template
  AnswerChoice which = AnswerChoice::last;
  const tokenizer::ChatTemplate* chat = nullptr;  ///< null: the plain views of a record
};

/// One entry a record of each list that was asked for. What a chat template refused is empty in all.
struct ScoredTexts {
  store::Strings whole;
  /// One record's behind the other's: what stands before an answer, the answer, what stands before the next one, ...
  /// The prompt ends with a newline; with a template, it is all up to where the model answers.
  store::Strings parts;
  std::vector<std::size_t> counts;  ///< [records]: how many parts are each one's, an even number
  store::Strings prompts;
  std::vector<std::uint32_t> refused;  ///< rows of the records that the template could not write
  std::string refusal;                 ///< why it could not write the first of them
};

/// The answers are the response, or of AnswerChoice::all every assistant turn that has a text (every tool call where
/// there is no assistant turn). Of the response there are always two parts, which are empty where there is none.
/// With a template, an answer is what the template writes behind its context: the answer and how it ends. Where the
/// template writes the context otherwise once there is an answer, the answer begins at its own text. A record whose
/// earlier answers the template writes otherwise once the conversation goes on is refused under AnswerChoice::all.
ScoredTexts scored_texts(const pipeline::Shard& shard, const TextChoice& choice);

}  // namespace farpoint::jobs
