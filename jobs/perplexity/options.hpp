// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"
#include "scored_texts.hpp"

namespace farpoint::jobs {

enum class Condition : std::uint8_t { prompt };
enum class Writing : std::uint8_t { plain, chat };

struct PerplexityOptions {
  std::string model;
  std::string as = "ppl";
  corpus::TextView text = corpus::TextView::full;
  std::optional<Condition> condition;
  AnswerChoice answers = AnswerChoice::last;
  bool ifd = false;
  bool reverse = false;
  bool loss = false;
  Writing writing = Writing::plain;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> stride;
  std::optional<std::uint64_t> batch_tokens;

  static pipeline::Fields<PerplexityOptions> fields();

  bool every_answer() const { return answers == AnswerChoice::all; }
};

/// Throws ConfigError for options that do not go together.
void check_together(const PerplexityOptions& options, const pipeline::Node& where);

/// What the job's columns have behind its name, in their order; "" first.
std::vector<std::string> column_endings(const PerplexityOptions& options);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Condition> {
  static constexpr std::array<std::string_view, 1> values{"prompt"};
};
template <>
struct Names<jobs::Writing> {
  static constexpr std::array<std::string_view, 2> values{"plain", "chat"};
};
template <>
struct Names<jobs::AnswerChoice> {
  static constexpr std::array<std::string_view, 2> values{"last", "all"};
};

}  // namespace farpoint::pipeline
