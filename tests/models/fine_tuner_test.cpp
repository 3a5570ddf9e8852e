// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/fine_tuner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/model_files/safetensors.hpp"
#include "golden_models.hpp"
#include "golden_training.hpp"
#include "mpi_world.hpp"
#include "temporary_folder.hpp"

namespace farpoint::models {
namespace {

using model_files::ProblemType;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t few_steps = 4;

FineTunerOptions options_for(const std::string& name, const GoldenTraining& training) {
  FineTunerOptions options;
  options.labels = {"poor", "fair", "good"};
  if (name == "bert-regression") {
    options.labels = {"grade"};
    options.problem = ProblemType::regression;
  }
  options.steps = 20;
  options.learning_rate = training.learning_rate;
  options.warmup = training.warmup;
  options.weight_decay = training.weight_decay;
  options.clip = training.clip;
  options.dropout = false;
  options.execution.device = Device::cpu;
  return options;
}

/// The losses of the first steps.
std::vector<double> train(FineTuner& tuner, const GoldenTraining& training, comm::Communicator& comm,
                          std::uint64_t steps) {
  std::vector<double> losses;
  while (tuner.step() < steps) losses.push_back(tuner.train(comm, training.micro_batches(tuner.step(), comm)));
  return losses;
}

std::vector<double> losses_of(const std::string& name, const FineTunerOptions& options, comm::Communicator& comm,
                              std::uint64_t steps = few_steps) {
  FineTuner tuner(golden_model(name).folder, options);
  return train(tuner, golden_training(), comm, steps);
}

class FineTunerOf : public testing::TestWithParam<std::string> {};

TEST_P(FineTunerOf, LosesAsPyTorchDoes) {
  const auto training = golden_training();
  const auto& expected = training.losses.at(GetParam());
  const auto losses = losses_of(GetParam(), options_for(GetParam(), training), world(), expected.size());
  ASSERT_EQ(losses.size(), expected.size());
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-4 * expected[i]) << i;
}

TEST_P(FineTunerOf, RanksAndThreadsGiveTheSameBits) {
  const auto training = golden_training();
  auto options = options_for(GetParam(), training);
  options.dropout = true;
  const auto alone = comm::make_local();
  set_threads(1);
  const auto expected = losses_of(GetParam(), options, *alone);
  for (const int threads : {1, 2, 3}) {
    set_threads(threads);
    EXPECT_EQ(losses_of(GetParam(), options, world()), expected) << threads;
  }
  set_threads(1);
}

TEST_P(FineTunerOf, TrainedFoldersAreThoseOfClassifier) {
  const auto training = golden_training();
  const auto options = options_for(GetParam(), training);
  const auto model = golden_model(GetParam());
  const auto alone = comm::make_local();
  FineTuner tuner(model.folder, options);
  ClassifierOptions reading;
  reading.execution.device = Device::cpu;
  const auto expect_same = [&](const std::filesystem::path& folder) {
    const Classifier classifier(folder, reading);
    EXPECT_EQ(classifier.max_tokens(), tuner.max_tokens());
    EXPECT_EQ(classifier.labels(), options.labels);
    EXPECT_EQ(classifier.problem(), options.problem);
    const auto expected = classifier.classify(training.tokens()).logits;
    const auto logits = tuner.classify(training.tokens()).logits;
    ASSERT_EQ(logits.size(), expected.size());
    for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5);
    return;
  };
  const TemporaryFolder folder;
  tuner.save_folder(folder / "new");
  expect_same(folder / "new");
  train(tuner, training, *alone, few_steps);
  tuner.save_folder(folder / "new/");
  expect_same(folder / "new");
  EXPECT_FALSE(std::filesystem::exists(folder / "new.old") || std::filesystem::exists(folder / "new.tmp"));
}

INSTANTIATE_TEST_SUITE_P(Folders, FineTunerOf,
                         testing::Values("bert-classify", "bert-regression", "deberta-v3-classify",
                                         "distilbert-classify", "modernbert-classify-mean", "mpnet-classify",
                                         "roberta-classify"),
                         [](const auto& folder) {
                           std::string name = folder.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(FineTuner, ConvolutionsOnThreadsGiveTheSameBits) {
  auto options = options_for("deberta-v2", golden_training());
  options.dropout = true;
  const auto alone = comm::make_local();
  set_threads(1);
  const auto expected = losses_of("deberta-v2", options, *alone);
  // oneDNN's gradients of convolutions count on the number of threads that they were prepared for.
  for (const int threads : {2, 3, 4}) {
    set_threads(threads);
    EXPECT_EQ(losses_of("deberta-v2", options, world()), expected) << threads;
  }
  set_threads(1);
}

TEST(FineTuner, BeginsWithTheFoldersHead) {
  const auto training = golden_training();
  const auto model = golden_model("roberta-classify");
  const FineTuner tuner(model.folder, options_for(model.name, training));
  ClassifierOptions reading;
  reading.execution.device = Device::cpu;
  const auto expected = Classifier(model.folder, reading).classify(training.tokens()).logits;
  const auto logits = tuner.classify(training.tokens()).logits;
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected[i], 1e-5);
}

TEST(FineTuner, DropoutDependsOnTheSeed) {
  const auto training = golden_training();
  auto options = options_for("bert-classify", training);
  const auto alone = comm::make_local();
  const auto plain = losses_of("bert-classify", options, *alone);
  options.dropout = true;
  const auto dropped = losses_of("bert-classify", options, *alone);
  options.seed = 1;
  const auto other = losses_of("bert-classify", options, *alone);
  EXPECT_NE(dropped[0], plain[0]);
  EXPECT_NE(dropped[0], other[0]);
  EXPECT_NEAR(dropped[0], plain[0], 0.3);
}

/// Tensor `name` of the folder's weights, as float32.
std::vector<float> read_tensor(const std::filesystem::path& folder, const std::string& name) {
  const auto file = model_files::SafetensorsFile::open(folder / "model.safetensors");
  for (const auto& entry : file.tensors()) {
    if (entry.name != name) continue;
    std::vector<float> values(static_cast<std::size_t>(entry.elements()));
    std::memcpy(values.data(), entry.bytes.data(), entry.bytes.size());
    return values;
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(FineTuner, NewHeadsAreDrawnFromTheSeed) {
  const auto training = golden_training();
  auto options = options_for("bert-classify", training);
  options.labels = {"a", "b", "c", "d", "e"};
  const TemporaryFolder folder;
  const auto heads = [&](const std::string& name, std::uint64_t seed) {
    options.seed = seed;
    FineTuner(golden_model(name).folder, options).save_folder(folder / name);
    return read_tensor(folder / name, "classifier.weight");
  };
  const auto head = heads("sentence-minilm", 1);
  EXPECT_EQ(heads("sentence-minilm", 1), head);
  EXPECT_NE(heads("sentence-minilm", 2), head);
  ASSERT_EQ(head.size(), 5U * 32);
  double squares = 0;
  for (const float value : head) squares += static_cast<double>(value) * static_cast<double>(value);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(head.size())), 0.02, 0.005);
  for (const float value : read_tensor(folder / "sentence-minilm", "classifier.bias")) EXPECT_EQ(value, 0);
  EXPECT_EQ(read_tensor(folder / "sentence-minilm", "bert.pooler.dense.weight").size(), 32U * 32);
  // A head of three labels gives way to one of five.
  EXPECT_EQ(heads("bert-classify", 1).size(), 5U * 16);
  // What replaces it is trained.
  const auto alone = comm::make_local();
  FineTuner tuner(golden_model("deberta-v2").folder, options);
  const auto losses = train(tuner, training, *alone, few_steps);
  EXPECT_NEAR(losses[0], std::log(5), 0.05);
}

TEST(FineTuner, StatesGoOnWithTheSameBits) {
  const auto training = golden_training();
  auto options = options_for("deberta-v3-classify", training);
  options.dropout = true;
  const auto alone = comm::make_local();
  const auto folder = golden_model("deberta-v3-classify").folder;
  const TemporaryFolder states;
  FineTuner whole(folder, options);
  train(whole, training, *alone, 2);
  whole.save_state(states / "state", "mine");
  const auto rest = train(whole, training, *alone, few_steps);

  FineTuner resumed(folder, options);
  EXPECT_FALSE(resumed.load_state(states / "state", "another"));
  EXPECT_EQ(resumed.step(), 0U);
  EXPECT_TRUE(resumed.load_state(states / "state", "mine"));
  EXPECT_EQ(resumed.step(), 2U);
  EXPECT_EQ(train(resumed, training, *alone, few_steps), rest);
  EXPECT_EQ(resumed.classify(training.tokens()).logits, whole.classify(training.tokens()).logits);

  FineTuner other(golden_model("bert-classify").folder, options_for("bert-classify", training));
  EXPECT_THROW(other.load_state(states / "state", "mine"), UsageError);
  EXPECT_THROW(other.load_state(golden_model("bert-classify").folder / "model.safetensors"), UsageError);
  EXPECT_THROW(other.load_state(states / "none"), UsageError);
}

TEST(FineTuner, RefusesWhatCannotBeTrained) {
  const auto training = golden_training();
  const auto refused = [&](const char* why, const std::function<void(FineTunerOptions&)>& change,
                           const std::string& name = "bert-classify") {
    auto options = options_for(name, training);
    change(options);
    EXPECT_THAT([&] { FineTuner(golden_model(name).folder, options); }, ThrowsMessage<UsageError>(HasSubstr(why)));
  };
  refused(
      "causal", [](auto&) {}, "llama-classify");
  refused(
      "causal", [](auto&) {}, "gpt2");
  refused("bf16", [](auto& options) { options.execution.precision = Precision::fp16; });
  refused("several labels", [](auto& options) { options.problem = ProblemType::multi_label; });
  refused("one output", [](auto& options) { options.problem = ProblemType::regression; });
  refused("two labels", [](auto& options) { options.labels = {"one"}; });
  refused("different", [](auto& options) { options.labels = {"one", "one"}; });
  refused("steps", [](auto& options) { options.steps = 0; });
  refused("learning_rate", [](auto& options) { options.learning_rate = std::nan(""); });
  refused("max_tokens", [](auto& options) { options.max_tokens = 1 << 20; });
}

TEST(FineTuner, AllRanksSeeWhatFails) {
  const auto training = golden_training();
  FineTuner tuner(golden_model("bert-regression").folder, options_for("bert-regression", training));
  const auto fails = [&](const char* why, const std::function<void(MicroBatch&)>& change) {
    auto batches = training.micro_batches(0, world());
    // Only the rank that has the second one knows.
    for (auto& batch : batches) {
      if (batch.place == 1) change(batch);
    }
    EXPECT_THAT([&] { tuner.train(world(), batches); }, ThrowsMessage<comm::AgreedError>(HasSubstr(why)));
  };
  fails("the loss is not finite in step 1 of 20", [](auto& batch) { batch.targets[0] = 1e30F; });
  fails("0 to 65536", [](auto& batch) { batch.weights[0] = -1; });
  fails("target", [](auto& batch) { batch.targets[0] = std::numeric_limits<float>::infinity(); });
  fails("micro-batch", [](auto& batch) { batch.targets.pop_back(); });
  auto nothing = training.micro_batches(0, world());
  for (auto& batch : nothing) std::fill(batch.weights.begin(), batch.weights.end(), 0.0F);
  EXPECT_THROW(tuner.train(world(), nothing), comm::AgreedError);
}

TEST(FineTuner, MixedPrecisionIsClose) {
  const auto training = golden_training();
  auto options = options_for("bert-classify", training);
  options.execution.precision = Precision::bf16;
  const auto alone = comm::make_local();
  const auto losses = losses_of("bert-classify", options, *alone, 20);
  const auto& expected = training.losses.at("bert-classify");
  for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 0.03 * expected[i]) << i;
  for (const int threads : {2, 3}) {
    set_threads(threads);
    EXPECT_EQ(losses_of("bert-classify", options, world(), 20), losses) << threads;
  }
  set_threads(1);
}

}  // namespace
}  // namespace farpoint::models
