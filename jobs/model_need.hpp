// SPDX-License-Identifier: Apache-2.0
// jobs/model_need.hpp: what models cost, for estimates before a run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chosen_model.hpp"
#include "farpoint/pipeline/need.hpp"

namespace farpoint::jobs {

/// Texts that go through a model, as the sample has them.
struct ModelTexts {
  std::vector<std::string> sample;     ///< as many of each record of the sample
  double passes = 1;                   ///< texts of a record that go through
  std::optional<std::uint64_t> limit;  ///< tokens that are read of each
  bool scores = false;                 ///< a causal model is asked for the likelihood of each token
};

/// Adds the weights, the activations of the batches of all threads, the tokens and the products to what a job needs.
/// Without Workload::counts_tokens a token is taken to be four bytes.
void add_model(const ChosenModel& model, const ModelTexts& texts, const pipeline::Workload& work, pipeline::Need& need);

/// Floating-point operations for one token among `length`: two a weight of the layers, and what attention adds.
double flops_a_token(const model_files::ModelConfig& config, double length, bool scores);

}  // namespace farpoint::jobs
