// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// Which texts of a record are answers. A key may lead into objects: "answer.aliases".
struct AnswerPlaces {
  std::optional<std::string> answer_key;  ///< unset: the response
  std::optional<std::string> aliases_key;

  /// Reads the options `answer` ("response" or "record.KEY") and `aliases`. Throws UsageError for anything else.
  AnswerPlaces(std::string_view answer, const std::optional<std::string>& aliases);
};

struct MemoryQuestion {
  std::string text;                  ///< the prompt view
  std::vector<std::string> answers;  ///< none where the record has none; numbers as they are written
};

/// One a record of the shard.
std::vector<MemoryQuestion> memory_questions(const pipeline::Shard& shard, const AnswerPlaces& places);

}  // namespace farpoint::jobs
