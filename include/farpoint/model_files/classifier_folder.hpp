// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/model_files/model_config.hpp"
#include "farpoint/model_files/model_folder.hpp"

namespace farpoint::model_files {

/// What a new classifier of texts is, beside its weights.
struct ClassifierSettings {
  std::vector<std::string> labels;
  ProblemType problem = ProblemType::single_label;
  std::int64_t max_tokens = 0;  ///< of a text, special ones included
};

/// Writes what the folder of a classifier needs beside its weights into `target`, which is there: config.json and
/// tokenizer_config.json of the encoder `source` with the new settings, and copies of the tokenizer's other files.
/// Throws UsageError for causal models, and Error for what the disk refuses.
void write_classifier_settings(const ModelFolder& source, const ClassifierSettings& settings,
                               const std::filesystem::path& target);

/// What transformers calls a tensor in the family's ...ForSequenceClassification. `prefix` is that of the backbone's
/// tensors in the folder that `name` is from, "" where there is none.
std::string classifier_tensor_name(const ModelConfig& config, std::string_view prefix, std::string_view name);

}  // namespace farpoint::model_files
