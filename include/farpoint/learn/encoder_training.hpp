// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/models/fine_tuner.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::learn {

/// Tokenised examples, all of them on every rank and in the same order.
struct TextExamples {
  tokenizer::TokenLists texts;
  std::vector<float> targets;  ///< as in models::MicroBatch
  std::vector<float> weights;

  std::size_t size() const { return targets.size(); }
};

/// The examples of all ranks, in order of their keys, on every rank. `keys` [mine.size()] are different ones.
/// Collective.
TextExamples gather_examples(comm::Communicator& comm, const TextExamples& mine, std::span<const std::uint64_t> keys);

struct TrainingSchedule {
  std::uint64_t epochs = 3;
  std::uint64_t batch = 32;       ///< examples of a step, over all ranks
  std::uint64_t micro_batch = 8;  ///< of them computed together; what several ranks and threads share out
  std::uint64_t seed = 0;         ///< of the order of the examples
  /// Where the training's state is kept every `checkpoint_seconds`; "": nowhere. A state that is damaged or has another
  /// `fingerprint` is not taken up. The file stays: who has kept the model removes it.
  std::filesystem::path checkpoint;
  std::string fingerprint;
  double checkpoint_seconds = 120;
  /// Asked after each step, by all ranks together and with the same answer: whether to keep the state and leave. May be
  /// empty.
  std::function<bool()> interrupted;
  /// Told after each step, on every rank.
  std::function<void(std::uint64_t step, std::uint64_t steps, double loss)> progress;
};

/// Steps of a training: epochs times the batches of an epoch, the last of which may be short.
std::uint64_t training_steps(std::uint64_t examples, const TrainingSchedule& schedule);

/// Trains on the examples `chosen` (places in `examples`), in a new random order each epoch; `tuner` was made for
/// training_steps(chosen.size(), schedule) steps. Goes on from the checkpoint where there is one that fits. Returns the
/// loss of each step done: of fewer than all only if `interrupted`. The same bits at any number of ranks and threads,
/// and with any interruptions. Collective.
std::vector<double> train_encoder(comm::Communicator& comm, models::FineTuner& tuner, const TextExamples& examples,
                                  std::span<const std::uint32_t> chosen, const TrainingSchedule& schedule);

}  // namespace farpoint::learn
