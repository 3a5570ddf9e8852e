// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/models/fine_tuner.hpp"

namespace farpoint {

/// What make_fine_tuning_goldens.py trained on, and the losses that PyTorch had.
struct GoldenTraining {
  std::size_t batch = 0;
  std::size_t micro_batch = 0;
  double learning_rate = 0;
  double warmup = 0;
  double weight_decay = 0;
  double clip = 0;
  std::vector<std::vector<std::uint32_t>> texts;
  std::vector<float> targets;
  std::vector<float> weights;
  std::map<std::string, std::vector<double>> losses;  ///< by the name of a golden model

  /// Those of a step that are this rank's.
  std::vector<models::MicroBatch> micro_batches(std::uint64_t step, const comm::Communicator& comm) const;
  tokenizer::TokenLists tokens() const;
};

GoldenTraining golden_training();

}  // namespace farpoint
