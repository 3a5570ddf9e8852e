// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/model_files/model_config.hpp"
#include "farpoint/models/classifier.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::models {

struct FineTunerOptions {
  std::vector<std::string> labels;  ///< one name an output; one alone with ProblemType::regression
  model_files::ProblemType problem = model_files::ProblemType::single_label;
  std::optional<std::int64_t> max_tokens;  ///< of a text, special ones included; unset: what the folder says
  std::uint64_t steps = 0;                 ///< of the whole training: the learning rate falls to 0 at the last one
  double learning_rate = 2e-5;
  double warmup = 0.1;         ///< share of the steps in which the learning rate rises
  double weight_decay = 0.01;  ///< of all weights but biases and norms
  double clip = 1;             ///< largest norm of the gradient; 0: not clipped
  bool dropout = true;         ///< as the folder says; false: none
  std::uint64_t seed = 0;      ///< of new heads and of dropout
  Execution execution;         ///< precision bf16: mixed, with float32 weights
};

/// Examples whose gradients are computed together, a part of the global batch.
struct MicroBatch {
  std::uint64_t place = 0;  ///< in the global batch, from 0: which random numbers its dropout draws
  std::vector<std::span<const std::uint32_t>> texts;  ///< tokens, special ones included, at most max_tokens()
  std::vector<float> targets;                         ///< [texts]: the label's index, or the grade (regression)
  std::vector<float> weights;                         ///< [texts]: of each example in the loss, 0 to 65,536
};

/// An encoder's folder in training as a classifier of texts: the weights, and AdamW (Loshchilov and Hutter 2019) with a
/// learning rate that rises and falls in straight lines.
///
/// The same bits at any number of ranks and threads: a micro-batch is computed on one thread, and gradients are summed
/// as whole multiples of 2^-40. Every rank holds the whole model. For each number of a weight it needs 4 bytes, 8 for
/// the moments, 8 for the sum of gradients (of tables of embeddings only where tokens occur), and, on a CPU, 4 more a
/// thread for the gradient (not of tables), beside what a micro-batch needs.
class FineTuner {
 public:
  struct Implementation;  ///< what computes, in the library that is loaded for it

  /// Reads the weights. A folder without a head of as many labels gets a new one, drawn from the seed as transformers
  /// draws it. Throws UsageError for what cannot be trained: causal models, precision fp16, options out of range.
  FineTuner(const std::filesystem::path& folder, const FineTunerOptions& options);
  ~FineTuner();
  FineTuner(FineTuner&&) noexcept;

  const tokenizer::Tokenizer& tokenizer() const;
  std::int64_t max_tokens() const;
  std::uint64_t step() const;   ///< how many were done
  std::uint64_t steps() const;  ///< of the whole training
  /// What train() returned, of each step that was done, whether by this object or by the one that kept the state.
  const std::vector<double>& losses() const;

  /// One step of the optimiser on a global batch, of which `mine` are this rank's micro-batches. Returns the weighted
  /// mean loss over the global batch before the step, the same on every rank: cross entropy, or the squared error.
  /// Throws comm::AgreedError where it or a gradient is not finite, and for micro-batches that cannot be. Not to be
  /// used any more then. Collective.
  double train(comm::Communicator& comm, std::span<const MicroBatch> mine);

  /// With the weights of now, without dropout, in float32 on a CPU.
  Classification classify(const tokenizer::TokenLists& texts) const;

  /// Weights, moments, step and losses, with a checksum, in one file that appears whole: 12 bytes a number.
  void save_state(const std::filesystem::path& file, std::string_view fingerprint = "") const;
  /// Goes on from there. False, with nothing changed, where the state has another fingerprint. Throws UsageError, with
  /// nothing changed, where it is damaged or does not fit this model.
  bool load_state(const std::filesystem::path& file, std::string_view fingerprint = "");

  /// A model folder that transformers and Classifier load: config.json with the labels, the weights, the tokenizer's
  /// files. It appears whole, in place of an older one.
  void save_folder(const std::filesystem::path& folder) const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::models
