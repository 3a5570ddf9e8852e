// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "farpoint/model_files/sentence_pipeline.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::pipeline {

template <>
struct Names<model_files::PoolingMode> {
  static constexpr std::array<std::string_view, 6> values{"cls",           "max",           "mean",
                                                          "mean_sqrt_len", "weighted_mean", "last_token"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

struct EmbedOptions {
  std::string model = "builtin";
  std::string as = "emb";
  corpus::TextView text = corpus::TextView::full;
  bool normalize = true;
  std::optional<model_files::PoolingMode> pooling;
  std::optional<std::uint64_t> max_tokens;
  std::optional<std::string> prompt;
  std::optional<std::uint64_t> batch_tokens;

  static pipeline::Fields<EmbedOptions> fields();
};

/// True for those that the built-in embedding does not have.
bool is_model_option(std::string_view key);

std::unique_ptr<pipeline::ShardJob> make_builtin_embedding(EmbedOptions options);
/// Throws ConfigError where the model's folder cannot be used. `where` is the node of the options.
std::unique_ptr<pipeline::ShardJob> make_model_embedding(EmbedOptions options, const pipeline::Node& where,
                                                         const pipeline::JobSetup& setup);

}  // namespace farpoint::jobs
