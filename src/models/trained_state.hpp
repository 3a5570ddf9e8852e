// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "farpoint/model_files/classifier_folder.hpp"
#include "trained_weights.hpp"

namespace farpoint::models {

/// What changes in training.
struct TrainedState {
  const std::vector<TrainedWeight>& weights;
  const std::vector<at::Tensor>& first_moments;
  const std::vector<at::Tensor>& second_moments;
};

/// `losses`: of the steps that were done. See FineTuner::save_state().
void write_state(const std::filesystem::path& file, const TrainedState& state, std::span<const double> losses,
                 std::string_view fingerprint);
/// Fills the tensors of `state`, and returns the losses. See FineTuner::load_state().
std::optional<std::vector<double>> read_state(const std::filesystem::path& file, const TrainedState& state,
                                              std::string_view fingerprint);

/// See FineTuner::save_folder(). `source` is the folder that the weights came from, `prefix` that of its
/// backbone's tensors.
void write_classifier(const std::filesystem::path& folder, const model_files::ModelFolder& source,
                      const std::string& prefix, const model_files::ClassifierSettings& settings,
                      const std::vector<TrainedWeight>& weights);

}  // namespace farpoint::models
