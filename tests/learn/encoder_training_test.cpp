// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/encoder_training.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/local.hpp"
#include "golden_models.hpp"
#include "golden_training.hpp"
#include "mpi_world.hpp"
#include "temporary_folder.hpp"

namespace farpoint::learn {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TextExamples golden_examples() {
  const auto training = golden_training();
  return {training.tokens(), training.targets, training.weights};
}

TrainingSchedule small_schedule() {
  TrainingSchedule schedule;
  schedule.epochs = 2;
  schedule.batch = 8;
  schedule.micro_batch = 3;
  schedule.seed = 5;
  return schedule;
}

/// All but every fifth example.
std::vector<std::uint32_t> chosen_examples(std::size_t count) {
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i % 5 != 4) chosen.push_back(i);
  }
  return chosen;
}

models::FineTuner make_tuner(const TrainingSchedule& schedule, std::size_t examples) {
  models::FineTunerOptions options;
  options.labels = {"poor", "fair", "good"};
  options.steps = training_steps(examples, schedule);
  options.learning_rate = 1e-3;
  options.seed = 2;
  options.execution.device = models::Device::cpu;
  return {golden_model("bert-classify").folder, options};
}

/// What a training comes to.
struct Outcome {
  std::vector<double> losses;
  std::vector<float> logits;
};

Outcome train(comm::Communicator& comm, const TrainingSchedule& schedule) {
  const auto examples = golden_examples();
  const auto chosen = chosen_examples(examples.size());
  auto tuner = make_tuner(schedule, chosen.size());
  Outcome outcome;
  outcome.losses = train_encoder(comm, tuner, examples, chosen, schedule);
  outcome.logits = tuner.classify(examples.texts).logits;
  return outcome;
}

TEST(EncoderTraining, StepsAreBatchesOfAllEpochs) {
  auto schedule = small_schedule();
  EXPECT_EQ(training_steps(24, schedule), 6U);
  EXPECT_EQ(training_steps(25, schedule), 8U);
  EXPECT_EQ(training_steps(1, schedule), 2U);
  EXPECT_EQ(training_steps(0, schedule), 0U);
}

TEST(EncoderTraining, RanksAndThreadsGiveTheSameBits) {
  const auto schedule = small_schedule();
  const auto alone = comm::make_local();
  set_threads(1);
  const auto expected = train(*alone, schedule);
  EXPECT_EQ(expected.losses.size(), 6U);
  for (const int threads : {1, 2, 3}) {
    set_threads(threads);
    const auto outcome = train(world(), schedule);
    EXPECT_EQ(outcome.losses, expected.losses) << threads;
    EXPECT_EQ(outcome.logits, expected.logits) << threads;
  }
  set_threads(1);
  auto other = schedule;
  other.seed = 6;
  EXPECT_NE(train(*alone, other).losses, expected.losses);
}

TEST(EncoderTraining, EachEpochTakesAllExamplesInAnotherOrder) {
  // With a learning rate of 0 the loss of an example does not change, so that sums over an epoch are the same, and its
  // batches are not.
  auto schedule = small_schedule();
  schedule.epochs = 3;
  const auto alone = comm::make_local();
  auto examples = golden_examples();
  std::fill(examples.weights.begin(), examples.weights.end(), 1.0F);
  const auto chosen = chosen_examples(examples.size());
  models::FineTunerOptions options;
  options.labels = {"poor", "fair", "good"};
  options.steps = 9;
  options.learning_rate = 0;
  options.dropout = false;
  options.execution.device = models::Device::cpu;
  models::FineTuner tuner(golden_model("bert-classify").folder, options);
  const auto losses = train_encoder(*alone, tuner, examples, chosen, schedule);
  ASSERT_EQ(losses.size(), 9U);
  const auto sum = [&](std::size_t epoch) { return losses[3 * epoch] + losses[3 * epoch + 1] + losses[3 * epoch + 2]; };
  EXPECT_NEAR(sum(1), sum(0), 1e-6);
  EXPECT_NEAR(sum(2), sum(0), 1e-6);
  EXPECT_EQ(std::set(losses.begin(), losses.end()).size(), 9U);
}

struct Stopped {};

/// Stops on all ranks after step `last`.
void train_until(comm::Communicator& comm, TrainingSchedule schedule, std::uint64_t last) {
  schedule.progress = [&](std::uint64_t step, std::uint64_t steps, double) {
    EXPECT_EQ(steps, 6U);
    if (step > last) throw Stopped();
  };
  EXPECT_THROW(train(comm, schedule), Stopped);
}

TEST(EncoderTraining, InterruptionsDoNotMatter) {
  const TemporaryFolder own;
  std::string path = (own / "state").string();
  path.resize(256);
  comm::broadcast(world(), std::span(path));
  auto schedule = small_schedule();
  schedule.checkpoint = path.c_str();
  schedule.checkpoint_seconds = 0;
  schedule.fingerprint = "this one";
  const auto alone = comm::make_local();
  auto undisturbed = schedule;
  undisturbed.checkpoint.clear();
  const auto expected = train(*alone, undisturbed);

  train_until(world(), schedule, 2);
  train_until(world(), schedule, 4);
  auto asked = schedule;
  asked.checkpoint_seconds = 1e9;
  asked.interrupted = [] { return true; };
  EXPECT_EQ(train(world(), asked).losses.size(), 5U) << "one step, and its state is kept though it is not due";
  const auto outcome = train(world(), schedule);
  EXPECT_EQ(outcome.losses, expected.losses);
  EXPECT_EQ(outcome.logits, expected.logits);

  // The state of another training does no harm, nor does a damaged one.
  schedule.fingerprint = "another one";
  EXPECT_EQ(train(world(), schedule).losses, expected.losses);
  train_until(world(), schedule, 2);
  world().barrier();
  if (world().rank() == 0) {
    auto content = read_file(schedule.checkpoint);
    content[content.size() / 2] ^= 1;
    write_file(schedule.checkpoint, content);
  }
  world().barrier();
  std::uint64_t steps = 0;
  schedule.progress = [&](auto...) { ++steps; };
  EXPECT_EQ(train(world(), schedule).losses, expected.losses);
  EXPECT_EQ(steps, 6U);
  world().barrier();
  if (world().rank() == 0) std::filesystem::remove(schedule.checkpoint);
  world().barrier();
  // No checkpoint is due within an hour.
  schedule.checkpoint_seconds = 3600;
  train_until(world(), schedule, 2);
  EXPECT_FALSE(std::filesystem::exists(schedule.checkpoint));
  world().barrier();
}

TEST(EncoderTraining, GathersExamplesInOrderOfTheirKeys) {
  const auto all = golden_examples();
  const auto ranks = static_cast<std::uint64_t>(world().size());
  const auto rank = static_cast<std::uint64_t>(world().rank());
  const auto key_of = [](std::size_t i) { return random_bits(1, 2, i) >> 1; };
  // The last of several ranks has none.
  const auto owner_of = [&](std::size_t i) { return ranks == 1 ? 0 : i % (ranks - 1); };
  TextExamples mine;
  mine.texts.offsets.push_back(0);
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (owner_of(i) != rank) continue;
    const auto text = all.texts[i];
    mine.texts.ids.insert(mine.texts.ids.end(), text.begin(), text.end());
    mine.texts.offsets.push_back(mine.texts.ids.size());
    mine.texts.truncated.push_back(i % 2);
    mine.targets.push_back(all.targets[i]);
    mine.weights.push_back(all.weights[i]);
    keys.push_back(key_of(i));
  }
  const auto gathered = gather_examples(world(), mine, keys);
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key_of(a) < key_of(b); });
  ASSERT_EQ(gathered.size(), all.size());
  ASSERT_EQ(gathered.texts.size(), all.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(gathered.texts[i], all.texts[order[i]])) << i;
    EXPECT_EQ(gathered.targets[i], all.targets[order[i]]);
    EXPECT_EQ(gathered.weights[i], all.weights[order[i]]);
    EXPECT_EQ(gathered.texts.truncated[i], order[i] % 2);
  }
  keys.push_back(0);
  EXPECT_THROW(gather_examples(world(), mine, keys), Error);
}

TEST(EncoderTraining, RefusesWhatCannotBe) {
  const auto examples = golden_examples();
  const auto schedule = small_schedule();
  auto tuner = make_tuner(schedule, 3);
  const auto refused = [&](const char* why, std::vector<std::uint32_t> chosen, const TrainingSchedule& changed) {
    EXPECT_THAT([&] { train_encoder(world(), tuner, examples, chosen, changed); },
                ThrowsMessage<Error>(HasSubstr(why)));
  };
  refused("no examples", {}, schedule);
  refused("that there is not", {0, 30}, schedule);
  auto none = schedule;
  none.batch = 0;
  refused("at least 1", {0, 1, 2}, none);
  refused("made for 2 steps, not for 8", chosen_examples(30), [&] {
    auto longer = schedule;
    longer.batch = 6;
    return longer;
  }());
}

}  // namespace
}  // namespace farpoint::learn
