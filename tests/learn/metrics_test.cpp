// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/metrics.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "learn/linear_data.hpp"

namespace farpoint::learn {
namespace {

nlohmann::json golden(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(GOLDEN_LEARN "/metrics.json")).at("cases").at(name);
}

/// Examples of tests/golden/make_linear_goldens.py.
struct Predictions {
  std::vector<double> probabilities;
  std::vector<std::uint8_t> labels;
};

Predictions golden_predictions() {
  Predictions result;
  for (std::size_t i = 0; i < golden_size; ++i) {
    const double tenths = std::nearbyint(10 * (golden_uniform(i, 100) + 0.5));
    result.probabilities.push_back(std::clamp(tenths / 10, 0.0, 1.0));
    result.labels.push_back(golden_target(Task::binary, i) == 1 ? 1 : 0);
  }
  return result;
}

TEST(MetricsTest, BinaryOnesAreScikitLearns) {
  const auto [probabilities, labels] = golden_predictions();
  const auto found = binary_metrics(probabilities, labels);
  const auto wanted = golden("binary");
  EXPECT_NEAR(found.auc, wanted.at("auc").get<double>(), 1e-14);
  EXPECT_NEAR(found.accuracy, wanted.at("accuracy").get<double>(), 1e-14);
  EXPECT_NEAR(found.log_loss, wanted.at("log_loss").get<double>(), 1e-12);
  EXPECT_NEAR(found.brier, wanted.at("brier").get<double>(), 1e-12);
  EXPECT_NEAR(found.calibration, wanted.at("calibration").get<double>(), 1e-12);
  EXPECT_EQ(
      nlohmann::json({{found.true_negatives, found.false_positives}, {found.false_negatives, found.true_positives}}),
      wanted.at("confusion"));
  EXPECT_EQ(found.positives, found.true_positives + found.false_negatives);
  EXPECT_EQ(found.negatives, found.true_negatives + found.false_positives);
}

TEST(MetricsTest, ThoseOfClassesAreScikitLearns) {
  std::vector<double> probabilities;
  std::vector<std::uint32_t> labels;
  for (std::size_t i = 0; i < golden_size; ++i) {
    labels.push_back(static_cast<std::uint32_t>(golden_target(Task::classes, i)));
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      probabilities.push_back(golden_uniform(i, 200 + k) + 0.5 + (k == labels[i] ? 0.3 : 0) + 0.01);
      sum += probabilities.back();
    }
    for (std::size_t k = 3 * i; k < 3 * i + 3; ++k) probabilities[k] /= sum;
  }
  const auto found = class_metrics(probabilities, labels, 3);
  const auto wanted = golden("classes");
  EXPECT_EQ(found.examples, golden_size);
  EXPECT_NEAR(found.accuracy, wanted.at("accuracy").get<double>(), 1e-14);
  EXPECT_NEAR(found.macro_f1, wanted.at("macro_f1").get<double>(), 1e-12);
  EXPECT_NEAR(found.log_loss, wanted.at("log_loss").get<double>(), 1e-12);
  for (std::size_t at = 0; at < 9; ++at) EXPECT_EQ(found.confusion[at], wanted.at("confusion")[at / 3][at % 3]);
  // A class that does not occur changes no mean; one row without probabilities is not there.
  for (std::size_t i = 0; i < golden_size; ++i) {
    probabilities.insert(probabilities.begin() + static_cast<std::ptrdiff_t>(4 * i + 3), 0.0);
  }
  probabilities.insert(probabilities.end(), {0.5, NAN, 0.2, 0.3});
  labels.push_back(1);
  const auto wider = class_metrics(probabilities, labels, 4);
  EXPECT_EQ(wider.examples, golden_size);
  EXPECT_EQ(wider.macro_f1, found.macro_f1);
  EXPECT_EQ(wider.log_loss, found.log_loss);
}

TEST(MetricsTest, ThoseOfGradesAreScikitLearns) {
  std::vector<double> predictions;
  std::vector<double> grades;
  for (std::size_t i = 0; i < golden_size; ++i) {
    grades.push_back(std::nearbyint(golden_target(Task::grade, i)));
    predictions.push_back(3 + 2 * golden_uniform(i, 0) + golden_uniform(i, 100));
  }
  const auto found = grade_metrics(predictions, grades);
  const auto wanted = golden("grade");
  EXPECT_NEAR(found.mean_absolute_error, wanted.at("mean_absolute_error").get<double>(), 1e-12);
  EXPECT_NEAR(found.root_mean_squared_error, wanted.at("root_mean_squared_error").get<double>(), 1e-12);
  EXPECT_NEAR(found.spearman, wanted.at("spearman").get<double>(), 1e-12);
  predictions.push_back(NAN);
  grades.push_back(5);
  EXPECT_EQ(grade_metrics(predictions, grades).examples, golden_size);
  EXPECT_EQ(grade_metrics(predictions, grades).spearman, found.spearman);
}

TEST(MetricsTest, WhatCannotBeSaidIsNaN) {
  const auto none = binary_metrics({}, {});
  EXPECT_TRUE(std::isnan(none.auc) && std::isnan(none.accuracy) && std::isnan(none.log_loss));
  const std::vector<double> probabilities = {0.2, 0.9, NAN};
  const std::vector<std::uint8_t> labels = {1, 1, 0};
  const auto one_sided = binary_metrics(probabilities, labels);
  EXPECT_TRUE(std::isnan(one_sided.auc));
  EXPECT_EQ(one_sided.positives, 2U);
  EXPECT_EQ(one_sided.negatives, 0U);
  EXPECT_EQ(one_sided.accuracy, 0.5);
  const std::vector<double> equal = {2, 2};
  const std::vector<double> grades = {1, 3};
  EXPECT_TRUE(std::isnan(grade_metrics(equal, grades).spearman));
  EXPECT_TRUE(std::isnan(grade_metrics({}, {}).mean_absolute_error));
  EXPECT_TRUE(std::isnan(class_metrics({}, {}, 2).macro_f1));
}

TEST(MetricsTest, TheThresholdItselfCountsAsOne) {
  const std::vector<double> probabilities = {0.25, 0.25, 0.75, 0.75};
  const std::vector<std::uint8_t> labels = {0, 1, 0, 1};
  EXPECT_EQ(binary_metrics(probabilities, labels, 0.25).true_positives, 2U);
  EXPECT_EQ(binary_metrics(probabilities, labels, 0.25).false_positives, 2U);
  EXPECT_EQ(binary_metrics(probabilities, labels, 0.75).false_negatives, 1U);
  EXPECT_EQ(binary_metrics(probabilities, labels, 0.76).true_positives, 0U);
}

TEST(MetricsTest, CertaintyThatIsWrongIsFinite) {
  const std::vector<double> probabilities = {0, 1};
  const std::vector<std::uint8_t> wrong = {1, 0};
  const auto metrics = binary_metrics(probabilities, wrong);
  EXPECT_NEAR(metrics.log_loss, 36.04, 0.01);
  EXPECT_EQ(metrics.calibration, 1);
  EXPECT_EQ(metrics.brier, 1);
  EXPECT_EQ(metrics.auc, 0);
}

/// Pair by pair.
double slow_auc(const std::vector<double>& probabilities, const std::vector<std::uint8_t>& labels) {
  double right = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if (labels[i] != 1 || labels[j] != 0) continue;
      ++pairs;
      right += probabilities[i] > probabilities[j] ? 1 : probabilities[i] == probabilities[j] ? 0.5 : 0;
    }
  }
  return right / pairs;
}

Predictions any_predictions() {
  Predictions result;
  const auto size = *rc::gen::inRange<std::size_t>(2, 80);
  const int steps = *rc::gen::element(2, 5, 1000);
  for (std::size_t i = 0; i < size; ++i) {
    result.probabilities.push_back(*rc::gen::inRange(0, steps + 1) / static_cast<double>(steps));
    result.labels.push_back(*rc::gen::inRange<std::uint8_t>(0, 2));
  }
  result.labels[0] = 0;
  result.labels[1] = 1;
  return result;
}

RC_GTEST_PROP(MetricsProperty, AucIsTheShareOfPairs, ()) {
  auto [probabilities, labels] = any_predictions();
  const double auc = binary_metrics(probabilities, labels).auc;
  RC_ASSERT(std::abs(auc - slow_auc(probabilities, labels)) < 1e-12);
  for (double& probability : probabilities) probability = 1 - probability;
  RC_ASSERT(std::abs(binary_metrics(probabilities, labels).auc - (1 - auc)) < 1e-12);
}

RC_GTEST_PROP(MetricsProperty, TheOrderChangesNoBit, ()) {
  const auto [probabilities, labels] = any_predictions();
  const auto before = binary_metrics(probabilities, labels);
  const std::vector<double> reversed(probabilities.rbegin(), probabilities.rend());
  const std::vector<std::uint8_t> reversed_labels(labels.rbegin(), labels.rend());
  const auto after = binary_metrics(reversed, reversed_labels);
  RC_ASSERT(before.auc == after.auc && before.log_loss == after.log_loss && before.brier == after.brier);
  RC_ASSERT(before.calibration == after.calibration && before.true_positives == after.true_positives);
  const std::vector<double> grades(labels.begin(), labels.end());
  const std::vector<double> reversed_grades(labels.rbegin(), labels.rend());
  const auto graded = grade_metrics(probabilities, grades);
  const auto regraded = grade_metrics(reversed, reversed_grades);
  RC_ASSERT(graded.mean_absolute_error == regraded.mean_absolute_error);
  RC_ASSERT(graded.spearman == regraded.spearman || (std::isnan(graded.spearman) && std::isnan(regraded.spearman)));
}

TEST(MetricsTest, FactsAreNamed) {
  std::map<std::string, double> facts;
  BinaryMetrics binary;
  binary.auc = 0.75;
  binary.false_positives = 3;
  add_facts(binary, "fold-0.", facts);
  EXPECT_EQ(facts.at("fold-0.auc"), 0.75);
  EXPECT_EQ(facts.at("fold-0.false_positives"), 3);
  ClassMetrics classes;
  classes.confusion = {1, 2, 3, 4};
  add_facts(classes, "", facts);
  EXPECT_EQ(facts.at("confusion.0.1"), 2);
  EXPECT_EQ(facts.at("confusion.1.0"), 3);
  GradeMetrics grades;
  grades.spearman = 0.5;
  add_facts(grades, "all.", facts);
  EXPECT_EQ(facts.at("all.spearman"), 0.5);
}

}  // namespace
}  // namespace farpoint::learn
