// SPDX-License-Identifier: Apache-2.0
// Gradients of the layers, by differences of the loss.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "adamw.hpp"
#include "classification_head.hpp"
#include "farpoint/base/random.hpp"
#include "golden_models.hpp"
#include "golden_training.hpp"
#include "gradient_sums.hpp"
#include "loaded_model.hpp"
#include "micro_batch.hpp"

namespace farpoint::models {
namespace {

using model_files::ProblemType;

/// A model in training, and some texts.
struct Trained {
  TrainedWeights weights{3};
  std::unique_ptr<ClassificationHead> head;
  LoadedModel model;
  MicroBatch micro;
  bool has_dropout;

  Trained(const std::string& name, const GoldenTraining& training, bool with_dropout)
      : model(
            folder_of(name), {Device::cpu}, {},
            [&](Parameters& parameters) { head = make_classification_head(folder_of(name).config, parameters); },
            &weights),
        has_dropout(with_dropout) {
    for (std::size_t i = 0; i < 4; ++i) {
      micro.texts.emplace_back(training.texts[i]);
      micro.targets.push_back(training.targets[i]);
      micro.weights.push_back(training.weights[i]);
    }
    micro.texts[1] = micro.texts[1].first(micro.texts[0].size());  // one run of two texts
  }

  static model_files::ModelFolder folder_of(const std::string& name) {
    auto folder = model_files::open_model_folder(golden_model(name).folder);
    folder.config.labels = {"poor", "fair", "good"};
    return folder;
  }

  at::Tensor loss() {
    Dropout dropout = dropout_of(1, 2, 3, at::kCPU);
    PackedMicroBatch packed(micro, model.rules, at::kCPU, 10);
    if (has_dropout) packed.batch.dropout = &dropout;
    const at::Tensor logits = head->logits(model.backbone->hidden(packed.batch), packed.batch);
    return (losses_of(logits, packed.targets, ProblemType::single_label) * packed.weights).sum();
  }

  double loss_with(const at::Tensor& weight, const at::Tensor& change) {
    const c10::NoGradGuard unrecorded;
    weight.add_(change);
    double moved = 0;
    {
      const c10::AutoGradMode recorded(true);  // as it is computed in training
      moved = loss().item<double>();
    }
    weight.sub_(change);
    return moved;
  }
};

class Gradients : public testing::TestWithParam<std::string> {};

TEST_P(Gradients, AreTheSlopesOfTheLoss) {
  const auto training = golden_training();
  for (const bool with_dropout : {false, true}) {
    Trained trained(GetParam(), training, with_dropout);
    const auto gradients = gradients_of(trained.loss(), trained.weights.all());
    ASSERT_EQ(gradients.size(), trained.weights.all().size());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const auto& weight = trained.weights.all()[i];
      const auto& name = weight.parts[0].name;
      ASSERT_TRUE(gradients[i].defined()) << name;
      EXPECT_EQ(gradients[i].is_sparse(), weight.is_table && name.find("token_type") == std::string::npos) << name;
      const at::Tensor gradient = gradients[i].is_sparse() ? gradients[i].to_dense() : gradients[i];
      const double slope = gradient.to(at::kDouble).norm().item<double>();
      ASSERT_TRUE(std::isfinite(slope)) << name;
      if (slope < 1e-5) continue;  // lost in the loss's rounding
      const at::Tensor direction = (gradient / slope).to(at::kFloat);
      constexpr double width = 4e-3;
      const double up = trained.loss_with(weight.value, direction * width);
      const double down = trained.loss_with(weight.value, direction * -width);
      EXPECT_NEAR((up - down) / (2 * width), slope, 0.03 * slope + 2e-4) << name << " dropout " << with_dropout;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, Gradients,
                         testing::Values("bert-classify", "deberta-v2", "deberta-v3-classify", "distilbert-classify",
                                         "modernbert-classify", "modernbert-classify-mean", "mpnet-classify",
                                         "roberta-classify", "sentence-minilm"),
                         [](const auto& folder) {
                           std::string name = folder.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(GradientSums, DoNotDependOnTheOrder) {
  TrainedWeights weights(1);
  const c10::NoGradGuard unrecorded;
  weights.add({at::zeros({7, 3}), at::zeros({2, 3})}, {"a", "b"}, false);
  weights.add({at::zeros({5, 4})}, {"table"}, true);
  std::vector<std::vector<at::Tensor>> parts;
  at::Tensor whole = at::zeros({9, 3}, at::kDouble);
  at::Tensor whole_table = at::zeros({5, 4}, at::kDouble);
  for (std::uint64_t part = 0; part < 6; ++part) {
    const auto number = [&](std::uint64_t i) {
      return static_cast<float>(static_cast<std::int64_t>(random_bits(9, part, i))) * 0x1p-62F;
    };
    at::Tensor dense = at::empty({9, 3});
    for (std::int64_t i = 0; i < 27; ++i) dense.view(-1)[i] = number(static_cast<std::uint64_t>(i));
    at::Tensor rows = at::empty({3, 4});
    for (std::int64_t i = 0; i < 12; ++i) rows.view(-1)[i] = number(static_cast<std::uint64_t>(100 + i));
    // Row 4 twice; row 0 never.
    const at::Tensor places = at::tensor(std::vector<std::int64_t>{4, 1, 4}, at::kLong).unsqueeze(0);
    at::Tensor table = at::sparse_coo_tensor(places, rows, {5, 4});
    if (part == 5) table = table.to_dense();
    whole += dense;
    whole_table += table.is_sparse() ? table.to_dense() : table;
    parts.push_back({dense, table});
  }
  GradientSums forward(weights.all());
  GradientSums backward(weights.all());
  for (const auto& part : parts) forward.add(part);
  for (std::size_t i = parts.size(); i > 0; --i) backward.add(parts[i - 1]);
  EXPECT_TRUE(at::equal(forward.gradient(0), backward.gradient(0)));
  EXPECT_TRUE(at::equal(forward.gradient(1), backward.gradient(1)));
  EXPECT_EQ(forward.norm(), backward.norm());
  EXPECT_LT(forward.greatest(), GradientSums::limit());
  EXPECT_LT((forward.gradient(0) - whole).abs().max().item<double>(), 1e-6);
  EXPECT_LT((forward.gradient(1) - whole_table).abs().max().item<double>(), 1e-6);
  const double squares = whole.pow(2).sum().item<double>() + whole_table.pow(2).sum().item<double>();
  EXPECT_NEAR(forward.norm(), std::sqrt(squares), 1e-6);
  std::vector<float> middle(7);
  forward.read(1, 3, middle);  // across the ends of rows
  for (std::int64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(middle[static_cast<std::size_t>(i)], forward.gradient(1).view(-1)[3 + i].item<float>());
  }
  forward.clear();
  EXPECT_EQ(forward.norm(), 0);
}

TEST(GradientSums, ShowWhatTheyCannotHold) {
  TrainedWeights weights(1);
  weights.add({at::zeros({3})}, {"a"}, false);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), -5e6F}) {
    GradientSums sums(weights.all());
    sums.add({at::tensor({1.0F, bad, 2.0F})});
    EXPECT_GE(sums.greatest(), GradientSums::limit()) << bad;
  }
  // Each fits, but not all of them together.
  GradientSums sums(weights.all());
  for (int i = 0; i < 2; ++i) sums.add({at::tensor({3e6F, 1.0F, 2.0F})});
  EXPECT_GE(sums.greatest(), GradientSums::limit());
}

TEST(LearningRate, RisesAndFalls) {
  const auto share = [](std::uint64_t step) { return learning_rate_share(step, 10, 0.31); };
  EXPECT_EQ(share(0), 0);
  EXPECT_EQ(share(1), 0.25);
  EXPECT_EQ(share(4), 1);
  EXPECT_EQ(share(7), 0.5);
  EXPECT_EQ(share(10), 0);
  EXPECT_EQ(learning_rate_share(0, 10, 0), 1);
}

}  // namespace
}  // namespace farpoint::models
