// SPDX-License-Identifier: Apache-2.0
// jobs/rate/options.hpp: everything that users may set of the job 'rate'.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

enum class Rating : std::uint8_t { complexity, quality };
enum class TurnSum : std::uint8_t { sum, mean, last };
enum class RateOutput : std::uint8_t { softmax, sigmoid, raw };

struct RateOptions {
  std::string model;
  std::string as = "rating";
  // A causal model that is asked.
  std::optional<Rating> rating;
  std::optional<std::string> prompt;
  std::optional<std::vector<std::string>> scale;
  std::optional<TurnSum> turns;
  // A classifier.
  std::optional<corpus::TextView> text;
  std::optional<bool> pair;
  std::optional<RateOutput> output;
  std::optional<std::string> label;
  std::optional<bool> expectation;

  std::optional<std::uint64_t> max_tokens;
  std::optional<std::uint64_t> batch_tokens;

  static pipeline::Fields<RateOptions> fields();
};

/// Throws ConfigError for options that the kind of model does not have; `is_causal`: one that is asked.
void check_rate_options(const RateOptions& options, bool is_causal, const pipeline::Node& where);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Rating> {
  static constexpr std::array<std::string_view, 2> values{"complexity", "quality"};
};
template <>
struct Names<jobs::TurnSum> {
  static constexpr std::array<std::string_view, 3> values{"sum", "mean", "last"};
};
template <>
struct Names<jobs::RateOutput> {
  static constexpr std::array<std::string_view, 3> values{"softmax", "sigmoid", "raw"};
};

}  // namespace farpoint::pipeline
