// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace farpoint::learn {

/// How a binary classifier does on examples that it was not trained on.
struct BinaryMetrics {
  std::uint64_t positives = 0;
  std::uint64_t negatives = 0;
  double auc = 0;          ///< share of (positive, negative) pairs in the right order, ties half; NaN without both
  double accuracy = 0;     ///< at the threshold
  double log_loss = 0;     ///< mean, natural logarithm
  double brier = 0;        ///< mean squared error of the probabilities
  double calibration = 0;  ///< expected calibration error over 10 equal bins (Guo et al. 2017)
  std::uint64_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;  ///< at the threshold
};

/// `probabilities` of label 1, and labels 0 or 1, in any order, which changes no bit. A probability at the threshold
/// counts as 1. NaN probabilities are left out. Means over no examples are NaN. Sorts once.
BinaryMetrics binary_metrics(std::span<const double> probabilities, std::span<const std::uint8_t> labels,
                             double threshold = 0.5);

/// The same of several classes.
struct ClassMetrics {
  std::uint64_t examples = 0;
  double accuracy = 0;
  double macro_f1 = 0;  ///< over the classes that occur, as true ones or as those of the largest probability
  double log_loss = 0;
  std::vector<std::uint64_t> confusion;  ///< [classes, classes]: true class, class of the largest probability
};

/// `probabilities` [examples, classes], row-major; rows with a NaN are left out. Of equal probabilities the first class
/// counts.
ClassMetrics class_metrics(std::span<const double> probabilities, std::span<const std::uint32_t> labels,
                           std::uint64_t classes);

/// And of grades.
struct GradeMetrics {
  std::uint64_t examples = 0;
  double mean_absolute_error = 0;
  double root_mean_squared_error = 0;
  double spearman = 0;  ///< rank correlation, ties by their mean rank; NaN when either is constant
};

/// NaN predictions are left out.
GradeMetrics grade_metrics(std::span<const double> predictions, std::span<const double> grades);

/// As facts of a summary, each name after `prefix`: "fold-0." gives "fold-0.auc", ... Of classes, "confusion.0.1"
/// counts those of class 0 that were taken for class 1.
void add_facts(const BinaryMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts);
void add_facts(const ClassMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts);
void add_facts(const GradeMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts);

}  // namespace farpoint::learn
