// SPDX-License-Identifier: Apache-2.0
// What fit_linear() finds, against Newton's method and scikit-learn. Each rank does all of it alone.
#include "farpoint/learn/linear.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "farpoint/comm/run.hpp"
#include "learn/linear_reference.hpp"

namespace farpoint::learn {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double infinity = std::numeric_limits<double>::infinity();

void expect_near(const std::vector<double>& found, const std::vector<double>& wanted, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    EXPECT_NEAR(found[k], wanted[k], tolerance) << what << ", output " << k;
}

TEST(LinearTest, AgreesWithNewtonsMethod) {
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    for (const double l2 : {1e-4, 0.05, 3.0}) {
      const Sample sample = random_sample(5, 150, 4, task);
      const auto options = options_of(task, l2);
      const Reference wanted = fit_by_newton(sample, options);
      const Fit found = fit_alone(sample, options);
      EXPECT_TRUE(found.converged);
      EXPECT_NEAR(found.loss, static_cast<double>(wanted.loss), 1e-10);
      for (std::size_t i = 0; i < sample.size(); i += 10) {
        expect_near(predict(found.model, task, sample.row(i)), wanted.predict(sample.row(i)), 1e-6,
                    "l2 " + std::to_string(l2));
      }
    }
  }
}

TEST(LinearTest, AgreesWithScikitLearn) {
  const auto goldens = nlohmann::json::parse(std::ifstream(GOLDEN_LEARN "/linear.json")).at("cases");
  ASSERT_EQ(goldens.size(), 12U);
  for (const auto& golden : goldens) {
    const std::string name = golden.at("task");
    const Task task = name == "binary" ? Task::binary : name == "classes" ? Task::classes : Task::grade;
    const Sample sample = golden_sample(task, golden.at("weighted"));
    const Fit fit = fit_alone(sample, options_of(task, golden.at("l2")));
    const std::string what = name + " with l2 " + golden.at("l2").dump();
    EXPECT_NEAR(fit.loss, golden.at("loss").get<double>(), 1e-9) << what;
    for (std::size_t i = 0; i < golden.at("outputs").size(); ++i) {
      auto wanted = golden.at("outputs")[i].get<std::vector<double>>();
      if (task == Task::binary) wanted.erase(wanted.begin());
      expect_near(predict(fit.model, task, sample.row(i)), wanted, 1e-6, what);
    }
    for (std::size_t k = 0; k < fit.model.outputs(); ++k) {
      for (std::size_t j = 0; j < fit.model.width; ++j) {
        const double wanted = golden.at("weights")[k][j];
        EXPECT_NEAR(fit.model.weights[k * fit.model.width + j], wanted, 1e-5 * std::abs(wanted)) << what << ", " << j;
      }
    }
  }
}

TEST(LinearTest, TheUsualToleranceIsCloseToo) {
  const Sample sample = golden_sample(Task::binary, false);
  const Fit exact = fit_alone(sample, options_of(Task::binary, 1e-4));
  const Fit usual = fit_alone(sample, options_of(Task::binary, 1e-4, LinearOptions().tolerance));
  EXPECT_TRUE(usual.converged);
  EXPECT_LE(usual.iterations, exact.iterations);
  EXPECT_NEAR(usual.loss, exact.loss, 1e-8);
}

TEST(LinearTest, ConstantFeaturesCountNothing) {
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    const Sample sample = random_sample(2, 100, 3, task);
    Sample wider{5, {}, sample.targets, sample.weights};
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const auto row = sample.row(i);
      wider.rows.insert(wider.rows.end(), {row[0], 1e20F, row[1], row[2], 0.0F});
    }
    const Fit narrow = fit_alone(sample, options_of(task));
    const Fit wide = fit_alone(wider, options_of(task));
    EXPECT_NEAR(narrow.loss, wide.loss, 1e-12);
    for (std::size_t k = 0; k < wide.model.outputs(); ++k) {
      EXPECT_EQ(wide.model.weights[k * 5 + 1], 0);
      EXPECT_EQ(wide.model.weights[k * 5 + 4], 0);
      EXPECT_NEAR(wide.model.biases[k], narrow.model.biases[k], 1e-6);
    }
  }
}

TEST(LinearTest, ScaleAndPlaceOfFeaturesDoNotMatter) {
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    const Sample sample = random_sample(3, 120, 4, task);
    const Fit plain = fit_alone(sample, options_of(task));
    Sample extreme = sample;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      extreme.rows[i * 4] *= 0x1p66F;       // about 1e20
      extreme.rows[i * 4 + 1] *= 0x1p-66F;  // about 1e-20
      extreme.rows[i * 4 + 3] *= -0x1p120F;
    }
    const Fit scaled = fit_alone(extreme, options_of(task));
    EXPECT_TRUE(scaled.converged);
    EXPECT_NEAR(scaled.loss, plain.loss, 1e-9);
    for (std::size_t i = 0; i < sample.size(); i += 7) {
      expect_near(predict(scaled.model, task, extreme.row(i)), predict(plain.model, task, sample.row(i)), 1e-6, "");
    }
  }
}

TEST(LinearTest, ScaleOfGradesAndOfWeightsDoesNotMatter) {
  const Sample sample = random_sample(4, 120, 4, Task::grade);
  const Fit plain = fit_alone(sample, options_of(Task::grade));
  for (const double scale : {0x1p66, 0x1p-66, 0x1p400}) {
    Sample graded = sample;
    for (double& grade : graded.targets) grade = scale * (grade + 5);
    const Fit fit = fit_alone(graded, options_of(Task::grade));
    EXPECT_NEAR(fit.loss / (scale * scale), plain.loss, 1e-9) << scale;
    expect_near({fit.model.outputs_of(sample.row(1))[0] / scale - 5}, plain.model.outputs_of(sample.row(1)), 1e-6, "");
    Sample weighed = sample;
    for (double& weight : weighed.weights) weight *= scale;
    EXPECT_EQ(fit_alone(weighed, options_of(Task::grade)).model.weights, plain.model.weights) << scale;
  }
}

TEST(LinearTest, SeparableExamplesConverge) {
  Sample sample{2, {}, {}, {}};
  for (int i = 0; i < 60; ++i) {
    const bool right = i % 3 == 0;
    sample.rows.insert(sample.rows.end(), {static_cast<float>(right ? 1 : -1), static_cast<float>(i)});
    sample.targets.push_back(right ? 1 : 0);
    sample.weights.push_back(1);
  }
  double loss = 1;
  for (const double l2 : {1e-2, 1e-4, 1e-6, 1e-8}) {
    const Fit fit = fit_alone(sample, options_of(Task::binary, l2, 1e-6));
    EXPECT_TRUE(fit.converged) << l2;
    EXPECT_LT(fit.loss, loss) << l2;
    loss = fit.loss;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      EXPECT_EQ(fit.model.outputs_of(sample.row(i))[0] > 0, sample.targets[i] == 1) << l2;
    }
  }
  EXPECT_LT(loss, 1e-4);
  // Without a penalty the weights would grow for ever; it ends all the same.
  auto options = options_of(Task::binary, 0, 0);
  options.max_iterations = 50;
  const Fit endless = fit_alone(sample, options);
  for (const double weight : endless.model.weights) EXPECT_TRUE(std::isfinite(weight));
}

TEST(LinearTest, EndsAtTheMostIterations) {
  auto options = options_of(Task::classes, 1e-6);
  options.max_iterations = 3;
  const Fit fit = fit_alone(random_sample(1, 100, 8, Task::classes), options);
  EXPECT_FALSE(fit.converged);
  EXPECT_EQ(fit.iterations, 3U);
}

TEST(LinearTest, ExamplesOfEqualGradesGiveTheirGrade) {
  Sample sample = random_sample(1, 20, 3, Task::grade);
  std::fill(sample.targets.begin(), sample.targets.end(), 4.5);
  const Fit fit = fit_alone(sample, options_of(Task::grade));
  EXPECT_TRUE(fit.converged);
  EXPECT_EQ(fit.model.outputs_of(sample.row(3)), std::vector{4.5});
  EXPECT_EQ(fit.loss, 0);
}

TEST(LinearTest, BiasesOfClassesAddUpToNothing) {
  const Fit fit = fit_alone(random_sample(1, 80, 3, Task::classes), options_of(Task::classes));
  EXPECT_NEAR(fit.model.biases[0] + fit.model.biases[1] + fit.model.biases[2], 0, 1e-9);
}

void expect_refused(const Sample& sample, const LinearOptions& options, const std::string& words) {
  EXPECT_THAT([&] { fit_alone(sample, options); }, ThrowsMessage<comm::AgreedError>(HasSubstr(words)));
}

TEST(LinearTest, SaysWhatCannotBeLearntFrom) {
  const Sample good = random_sample(1, 30, 2, Task::classes);
  const auto options = options_of(Task::classes);
  expect_refused(Sample{2, {}, {}, {}}, options, "no examples to learn from");
  expect_refused(good.where([&](std::size_t i) { return good.targets[i] != 1; }), options, "no example of label 1");
  auto more = options;
  more.classes = 4;
  expect_refused(good, more, "no example of label 3");

  Sample sample = good;
  for (std::size_t i = 0; i < good.size(); ++i) sample.weights[i] = good.targets[i] == 2 ? 0 : 1;
  expect_refused(sample, options, "no example of label 2");
  std::fill(sample.weights.begin(), sample.weights.end(), 0.0);
  expect_refused(sample, options, "all have weight 0");
  for (const double weight : {-1.0, infinity, std::nan("")}) {
    sample = good;
    sample.weights[7] = weight;
    expect_refused(sample, options, "example 7 has the weight");
  }
  for (const double label : {-1.0, 3.0, 0.5, std::nan("")}) {
    sample = good;
    sample.targets[7] = label;
    expect_refused(sample, options, "example 7 has the label");
  }
  sample = good;
  sample.targets[7] = infinity;
  expect_refused(sample, options_of(Task::grade), "example 7 has the grade inf");
  for (const double weight : {0.0, 1.0}) {
    sample = good;
    sample.weights[7] = weight;
    sample.rows[15] = std::nanf("");
    expect_refused(sample, options, "feature 1 of example 7 is nan");
  }
  sample = good;
  sample.rows.pop_back();
  expect_refused(sample, options, "59 features");
  expect_refused(good, options_of(Task::classes, -1), "l2 is -1");
}

TEST(LinearTest, ExamplesOfWeightZeroAreNotThere) {
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    const Sample sample = random_sample(9, 90, 3, task);
    Sample more = sample;
    for (int i = 0; i < 9; ++i) {
      more.rows.insert(more.rows.end(), {3e38F, -1e-30F, 1e30F});
      more.targets.push_back(0);
      more.weights.push_back(0);
    }
    EXPECT_EQ(fit_alone(more, options_of(task)).model.weights, fit_alone(sample, options_of(task)).model.weights);
  }
}

TEST(LinearTest, SigmoidAndSoftmaxDoNotOverflow) {
  EXPECT_EQ(sigmoid(0), 0.5);
  EXPECT_EQ(sigmoid(1000), 1);
  EXPECT_EQ(sigmoid(-1000), 0);
  EXPECT_NEAR(sigmoid(-40), std::exp(-40.0), 1e-32);
  EXPECT_NEAR(sigmoid(2) + sigmoid(-2), 1, 1e-15);
  std::vector<double> logits = {1000, 1000, -1000};
  softmax(logits);
  EXPECT_EQ(logits, (std::vector<double>{0.5, 0.5, 0}));
}

}  // namespace
}  // namespace farpoint::learn
