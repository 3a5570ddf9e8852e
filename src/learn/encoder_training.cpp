// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/encoder_training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::learn {

namespace {

/// Bits below `bound`, by multiplication (Lemire 2019) without its rejection: off by less than 2^-32 in probability.
std::uint64_t below(std::uint64_t bits, std::uint64_t bound) {
  return ((bits >> 32) * bound) >> 32;
}

/// A permutation of `chosen` (Fisher and Yates), another one each epoch.
std::vector<std::uint32_t> order_of(std::span<const std::uint32_t> chosen, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(chosen.begin(), chosen.end());
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[below(random_bits(seed, epoch, i), i)]);
  }
  return order;
}

std::uint64_t batches_of(std::uint64_t examples, const TrainingSchedule& schedule) {
  return (examples + schedule.batch - 1) / schedule.batch;
}

void check(const TextExamples& examples, std::span<const std::uint32_t> chosen, const TrainingSchedule& schedule) {
  if (schedule.epochs == 0 || schedule.batch == 0 || schedule.micro_batch == 0) {
    throw UsageError("epochs, batch and micro_batch should be at least 1");
  }
  if (chosen.empty()) throw UsageError("there are no examples to train on");
  if (examples.targets.size() != examples.texts.size() || examples.weights.size() != examples.texts.size()) {
    throw Error(fmt::format("{} texts, {} targets and {} weights of examples", examples.texts.size(),
                            examples.targets.size(), examples.weights.size()));
  }
  if (*std::max_element(chosen.begin(), chosen.end()) >= examples.size()) throw Error("an example that there is not");
}

/// This rank's micro-batches of the examples `batch`: every comm.size()-th one.
std::vector<models::MicroBatch> micro_batches(const comm::Communicator& comm, const TextExamples& examples,
                                              std::span<const std::uint32_t> batch, std::size_t size) {
  std::vector<models::MicroBatch> mine;
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  for (std::uint64_t place = 0; place * size < batch.size(); ++place) {
    if (place % ranks != static_cast<std::uint64_t>(comm.rank())) continue;
    models::MicroBatch micro;
    micro.place = place;
    const auto members = batch.subspan(place * size);
    for (const auto example : members.first(std::min(size, members.size()))) {
      micro.texts.push_back(examples.texts[example]);
      micro.targets.push_back(examples.targets[example]);
      micro.weights.push_back(examples.weights[example]);
    }
    mine.push_back(std::move(micro));
  }
  return mine;
}

/// Where a training's state is kept; "": nowhere.
class Checkpoint {
 public:
  Checkpoint(comm::Communicator& comm, const TrainingSchedule& schedule) : comm_(comm), schedule_(schedule) {}

  void take_up(models::FineTuner& tuner) const {
    if (schedule_.checkpoint.empty()) return;
    bool is_there = comm_.rank() == 0 && std::filesystem::exists(schedule_.checkpoint);
    comm::broadcast(comm_, std::span(&is_there, 1));
    if (!is_there) return;
    std::uint64_t taken = 0;
    std::string why = "of another training";
    comm::agree(comm_, [&] {
      try {
        taken = tuner.load_state(schedule_.checkpoint, schedule_.fingerprint) ? 1 : 0;
      } catch (const UsageError& error) {
        why = error.what();
      }
    });
    taken = comm::all_reduce(comm_, taken, comm::Reduction::sum);
    if (taken != 0 && taken != static_cast<std::uint64_t>(comm_.size())) {
      throw comm::AgreedError(fmt::format("{}: only {} of {} ranks can read it; remove the file to train anew",
                                          schedule_.checkpoint.string(), taken, comm_.size()));
    }
    if (comm_.rank() != 0) return;
    if (taken != 0) {
      log::info("training goes on after step {}, from {}", tuner.step(), schedule_.checkpoint.string());
    } else {
      log::warning("{} is not taken up, the training begins anew: {}", schedule_.checkpoint.string(), why);
    }
  }

  /// Rank 0's clock decides for all, so that whether one is written is known to all.
  void keep_if_due(const models::FineTuner& tuner, bool is_last) {
    if (schedule_.checkpoint.empty()) return;
    const std::chrono::duration<double> since = Clock::now() - last_;
    bool is_due = is_last || since.count() >= schedule_.checkpoint_seconds;
    comm::broadcast(comm_, std::span(&is_due, 1));
    if (!is_due) return;
    comm::agree(comm_, [&] {
      if (comm_.rank() == 0) tuner.save_state(schedule_.checkpoint, schedule_.fingerprint);
    });
    last_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  comm::Communicator& comm_;
  const TrainingSchedule& schedule_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace

TextExamples gather_examples(comm::Communicator& comm, const TextExamples& mine, std::span<const std::uint64_t> keys) {
  comm::agree(comm, [&] {
    if (keys.size() != mine.size() || mine.texts.size() != mine.size() || mine.weights.size() != mine.size()) {
      throw Error(fmt::format("{} keys, {} texts, {} targets and {} weights of examples", keys.size(),
                              mine.texts.size(), mine.targets.size(), mine.weights.size()));
    }
    if (!mine.texts.type_ids.empty()) throw Error("pairs of texts cannot be trained on");
  });
  std::vector<std::uint64_t> lengths;
  for (std::size_t i = 0; i < mine.size(); ++i) lengths.push_back(mine.texts[i].size());
  const auto all_keys = comm::all_gather(comm, keys).data;
  const auto all_lengths = comm::all_gather(comm, std::span<const std::uint64_t>(lengths)).data;
  const auto all_ids = comm::all_gather(comm, std::span<const std::uint32_t>(mine.texts.ids)).data;
  const auto all_targets = comm::all_gather(comm, std::span<const float>(mine.targets)).data;
  const auto all_weights = comm::all_gather(comm, std::span<const float>(mine.weights)).data;
  const auto all_truncated = comm::all_gather(comm, std::span<const std::uint8_t>(mine.texts.truncated)).data;
  const std::uint64_t bad_utf8 = mine.texts.records_with_bad_utf8;

  std::vector<std::uint64_t> begins(all_lengths.size());
  std::exclusive_scan(all_lengths.begin(), all_lengths.end(), begins.begin(), std::uint64_t{0});
  std::vector<std::size_t> order(all_keys.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return all_keys[a] < all_keys[b]; });
  TextExamples all;
  all.texts.records_with_bad_utf8 = comm::all_reduce(comm, bad_utf8, comm::Reduction::sum);
  all.texts.ids.reserve(all_ids.size());
  all.texts.offsets.push_back(0);
  for (const auto i : order) {
    const auto text = std::span(all_ids).subspan(begins[i], all_lengths[i]);
    all.texts.ids.insert(all.texts.ids.end(), text.begin(), text.end());
    all.texts.offsets.push_back(all.texts.ids.size());
    all.texts.truncated.push_back(all_truncated[i]);
    all.targets.push_back(all_targets[i]);
    all.weights.push_back(all_weights[i]);
  }
  return all;
}

std::uint64_t training_steps(std::uint64_t examples, const TrainingSchedule& schedule) {
  return schedule.epochs * batches_of(examples, schedule);
}

std::vector<double> train_encoder(comm::Communicator& comm, models::FineTuner& tuner, const TextExamples& examples,
                                  std::span<const std::uint32_t> chosen, const TrainingSchedule& schedule) {
  check(examples, chosen, schedule);
  const auto steps = training_steps(chosen.size(), schedule);
  if (tuner.steps() != steps) throw Error(fmt::format("a model made for {} steps, not for {}", tuner.steps(), steps));
  Checkpoint checkpoint(comm, schedule);
  checkpoint.take_up(tuner);
  const auto in_epoch = batches_of(chosen.size(), schedule);
  std::vector<std::uint32_t> order;
  for (auto step = tuner.step(); step < steps; ++step) {
    if (order.empty() || step % in_epoch == 0) order = order_of(chosen, schedule.seed, step / in_epoch);
    const auto rest = std::span<const std::uint32_t>(order).subspan(step % in_epoch * schedule.batch);
    const auto batch = rest.first(std::min<std::size_t>(schedule.batch, rest.size()));
    const double loss = tuner.train(comm, micro_batches(comm, examples, batch, schedule.micro_batch));
    if (schedule.progress) schedule.progress(step + 1, steps, loss);
    if (step + 1 == steps) break;
    const bool leaves = schedule.interrupted && schedule.interrupted();
    checkpoint.keep_if_due(tuner, leaves);
    if (leaves) break;
  }
  return tuner.losses();
}

}  // namespace farpoint::learn
