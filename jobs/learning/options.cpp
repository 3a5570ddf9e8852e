// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::uint64_t most_folds = 100;
constexpr std::uint64_t most_examples = 1ULL << 40;
constexpr std::array<std::string_view, 9> encoder_keys{"epochs",        "batch",   "micro_batch",
                                                       "learning_rate", "warmup",  "weight_decay",
                                                       "clip",          "dropout", "checkpoint_seconds"};
constexpr std::array<std::string_view, 2> linear_keys{"vectors", "l2"};

/// An option that the chosen learner does not have would be ignored silently.
void refuse(const std::string& job, const Node& where, std::span<const std::string_view> keys, std::string_view of) {
  for (const auto key : keys) {
    const auto* node = where.find(key);
    if (node == nullptr || node->kind == Node::Kind::null) continue;
    throw ConfigError(where.place_of(key), fmt::format("'{}.{}' is for 'learner: {}'; leave it out", job, key, of));
  }
}

void check_number(const std::string& job, const Node& where, const char* key, double value, double least, double most) {
  if (value >= least && value <= most) return;
  throw ConfigError(where.place_of(key),
                    fmt::format("'{}.{}' must be between {} and {}, not {}", job, key, least, most, value));
}

}  // namespace

void check_learner_options(const std::string& job, const LearnerOptions& options, const Node& where) {
  const auto bounds = [&](const char* key, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    check_bounds(where.place_of(key), fmt::format("{}.{}", job, key), value, least, most);
  };
  bounds("folds", options.folds, 2, most_folds);
  bounds("max_examples", options.max_examples, 2, most_examples);
  check_number(job, where, "threshold", options.threshold, 0, 1);
  if (options.learner == LearnerKind::linear) {
    refuse(job, where, encoder_keys, "encoder");
    check_number(job, where, "l2", options.l2, 0, 1e9);
    return;
  }
  refuse(job, where, linear_keys, "linear");
  if (options.model.empty()) {
    throw ConfigError(where.place, fmt::format("'{}' needs the key 'model' for 'learner: encoder'", job));
  }
  bounds("epochs", options.epochs, 1, 1000);
  bounds("batch", options.batch, 1, 1 << 20);
  bounds("micro_batch", options.micro_batch, 1, options.batch);
  check_number(job, where, "learning_rate", options.learning_rate, 0, 1);
  check_number(job, where, "warmup", options.warmup, 0, 1);
  check_number(job, where, "weight_decay", options.weight_decay, 0, 10);
  check_number(job, where, "clip", options.clip, 0, 1e9);
  check_number(job, where, "checkpoint_seconds", options.checkpoint_seconds, 0, 1e9);
}

Node without_other_learner(Node options, LearnerKind learner) {
  const auto erase = [&](std::span<const std::string_view> keys) {
    std::erase_if(options.entries,
                  [&](const auto& entry) { return std::find(keys.begin(), keys.end(), entry.key) != keys.end(); });
  };
  learner == LearnerKind::linear ? erase(encoder_keys) : erase(linear_keys);
  return options;
}

}  // namespace farpoint::jobs
