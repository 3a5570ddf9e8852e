// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

namespace farpoint::learn {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Probabilities are moved this far from 0 and 1 before their logarithm is taken, as in scikit-learn.
constexpr double least_probability = std::numeric_limits<double>::epsilon();
constexpr std::size_t calibration_bins = 10;

/// The mean over `count`, NaN of none.
double mean_of(double sum, std::uint64_t count) {
  return count == 0 ? nan : sum / static_cast<double>(count);
}

/// By size, so that the order in which the numbers came does not matter.
double sum_in_order(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

struct Scored {
  double probability = 0;
  bool positive = false;

  friend auto operator<=>(const Scored&, const Scored&) = default;
};

/// `sorted` ascending.
double area_under_curve(const std::vector<Scored>& sorted, std::uint64_t positives, std::uint64_t negatives) {
  std::uint64_t halves = 0;  // of pairs in the right order, ties one
  std::uint64_t negatives_before = 0;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    std::uint64_t tied_positives = 0;
    for (; end < sorted.size() && sorted[end].probability == sorted[begin].probability; ++end) {
      tied_positives += sorted[end].positive ? 1 : 0;
    }
    const std::uint64_t tied_negatives = end - begin - tied_positives;
    halves += tied_positives * (2 * negatives_before + tied_negatives);
    negatives_before += tied_negatives;
    begin = end;
  }
  if (positives == 0 || negatives == 0) return nan;
  return static_cast<double>(halves) / (2 * static_cast<double>(positives) * static_cast<double>(negatives));
}

/// By how much the bins' mean probabilities are off the shares of positives, added up over the examples.
double calibration_error(const std::vector<Scored>& sorted) {
  std::array<double, calibration_bins> surplus{};
  for (const auto& [probability, positive] : sorted) {
    const auto bin = std::clamp(std::floor(probability * calibration_bins), 0.0, calibration_bins - 1.0);
    surplus[static_cast<std::size_t>(bin)] += probability - (positive ? 1 : 0);
  }
  double error = 0;
  for (const double bin : surplus) error += std::abs(bin);
  return error;
}

double log_loss_of(double probability) {
  return -std::log(std::clamp(probability, least_probability, 1 - least_probability));
}

void count_outcomes(const std::vector<Scored>& examples, double threshold, BinaryMetrics& metrics) {
  for (const auto& [probability, positive] : examples) {
    const bool said = probability >= threshold;
    metrics.true_positives += positive && said ? 1 : 0;
    metrics.false_positives += !positive && said ? 1 : 0;
    metrics.true_negatives += !positive && !said ? 1 : 0;
    metrics.false_negatives += positive && !said ? 1 : 0;
  }
  metrics.positives = metrics.true_positives + metrics.false_negatives;
  metrics.negatives = metrics.true_negatives + metrics.false_positives;
}

/// The mean of F1 over the classes that occur, as true ones or as said ones.
double macro_f1_of(const std::vector<std::uint64_t>& confusion, std::uint64_t classes) {
  double sum = 0;
  std::uint64_t occurring = 0;
  for (std::uint64_t k = 0; k < classes; ++k) {
    std::uint64_t truly = 0;
    std::uint64_t said = 0;
    for (std::uint64_t other = 0; other < classes; ++other) {
      truly += confusion[k * classes + other];
      said += confusion[other * classes + k];
    }
    if (truly + said == 0) continue;
    ++occurring;
    sum += 2 * static_cast<double>(confusion[k * classes + k]) / static_cast<double>(truly + said);
  }
  return mean_of(sum, occurring);
}

/// Twice the mean rank of each number, from 1, less count + 1: whole numbers that add up to 0.
std::vector<double> centred_ranks(const std::vector<double>& numbers) {
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
  std::vector<double> ranks(numbers.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && numbers[order[end]] == numbers[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + 1 + end) - static_cast<double>(order.size() + 1);
    for (; begin < end; ++begin) ranks[order[begin]] = rank;
  }
  return ranks;
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks_a = centred_ranks(a);
  const auto ranks_b = centred_ranks(b);
  const double product = std::inner_product(ranks_a.begin(), ranks_a.end(), ranks_b.begin(), 0.0);
  const double squares_a = std::inner_product(ranks_a.begin(), ranks_a.end(), ranks_a.begin(), 0.0);
  const double squares_b = std::inner_product(ranks_b.begin(), ranks_b.end(), ranks_b.begin(), 0.0);
  if (squares_a == 0 || squares_b == 0) return nan;
  return product / (std::sqrt(squares_a) * std::sqrt(squares_b));
}

}  // namespace

BinaryMetrics binary_metrics(std::span<const double> probabilities, std::span<const std::uint8_t> labels,
                             double threshold) {
  std::vector<Scored> examples;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (!std::isnan(probabilities[i])) examples.push_back({probabilities[i], labels[i] != 0});
  }
  std::sort(examples.begin(), examples.end());
  BinaryMetrics metrics;
  count_outcomes(examples, threshold, metrics);
  const std::uint64_t count = examples.size();
  double log_loss = 0;
  double squares = 0;
  for (const auto& [probability, positive] : examples) {
    const double error = probability - (positive ? 1 : 0);
    squares += error * error;
    log_loss += log_loss_of(positive ? probability : 1 - probability);
  }
  metrics.auc = area_under_curve(examples, metrics.positives, metrics.negatives);
  metrics.accuracy = mean_of(static_cast<double>(metrics.true_positives + metrics.true_negatives), count);
  metrics.log_loss = mean_of(log_loss, count);
  metrics.brier = mean_of(squares, count);
  metrics.calibration = mean_of(calibration_error(examples), count);
  return metrics;
}

ClassMetrics class_metrics(std::span<const double> probabilities, std::span<const std::uint32_t> labels,
                           std::uint64_t classes) {
  ClassMetrics metrics;
  metrics.confusion.assign(classes * classes, 0);
  std::vector<double> losses;
  std::uint64_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes);
    if (std::any_of(row.begin(), row.end(), [](double p) { return std::isnan(p); })) continue;
    const auto said = static_cast<std::uint64_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++metrics.confusion[labels[i] * classes + said];
    right += said == labels[i] ? 1 : 0;
    losses.push_back(log_loss_of(row[labels[i]]));
  }
  metrics.examples = losses.size();
  metrics.accuracy = mean_of(static_cast<double>(right), metrics.examples);
  metrics.macro_f1 = macro_f1_of(metrics.confusion, classes);
  metrics.log_loss = mean_of(sum_in_order(std::move(losses)), metrics.examples);
  return metrics;
}

GradeMetrics grade_metrics(std::span<const double> predictions, std::span<const double> grades) {
  std::vector<std::pair<double, double>> examples;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (!std::isnan(predictions[i])) examples.emplace_back(predictions[i], grades[i]);
  }
  std::sort(examples.begin(), examples.end());
  std::vector<double> predicted;
  std::vector<double> given;
  double errors = 0;
  double squares = 0;
  for (const auto& [prediction, grade] : examples) {
    predicted.push_back(prediction);
    given.push_back(grade);
    errors += std::abs(prediction - grade);
    squares += (prediction - grade) * (prediction - grade);
  }
  GradeMetrics metrics;
  metrics.examples = examples.size();
  metrics.mean_absolute_error = mean_of(errors, metrics.examples);
  metrics.root_mean_squared_error = std::sqrt(mean_of(squares, metrics.examples));
  metrics.spearman = rank_correlation(predicted, given);
  return metrics;
}

void add_facts(const BinaryMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts) {
  facts[prefix + "positives"] = static_cast<double>(metrics.positives);
  facts[prefix + "negatives"] = static_cast<double>(metrics.negatives);
  facts[prefix + "auc"] = metrics.auc;
  facts[prefix + "accuracy"] = metrics.accuracy;
  facts[prefix + "log_loss"] = metrics.log_loss;
  facts[prefix + "brier"] = metrics.brier;
  facts[prefix + "calibration"] = metrics.calibration;
  facts[prefix + "true_positives"] = static_cast<double>(metrics.true_positives);
  facts[prefix + "false_positives"] = static_cast<double>(metrics.false_positives);
  facts[prefix + "true_negatives"] = static_cast<double>(metrics.true_negatives);
  facts[prefix + "false_negatives"] = static_cast<double>(metrics.false_negatives);
}

void add_facts(const ClassMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts) {
  facts[prefix + "examples"] = static_cast<double>(metrics.examples);
  facts[prefix + "accuracy"] = metrics.accuracy;
  facts[prefix + "macro_f1"] = metrics.macro_f1;
  facts[prefix + "log_loss"] = metrics.log_loss;
  const auto classes = static_cast<std::size_t>(std::sqrt(static_cast<double>(metrics.confusion.size())));
  for (std::size_t at = 0; at < metrics.confusion.size(); ++at) {
    const auto name = prefix + "confusion." + std::to_string(at / classes) + "." + std::to_string(at % classes);
    facts[name] = static_cast<double>(metrics.confusion[at]);
  }
}

void add_facts(const GradeMetrics& metrics, const std::string& prefix, std::map<std::string, double>& facts) {
  facts[prefix + "examples"] = static_cast<double>(metrics.examples);
  facts[prefix + "mean_absolute_error"] = metrics.mean_absolute_error;
  facts[prefix + "root_mean_squared_error"] = metrics.root_mean_squared_error;
  facts[prefix + "spearman"] = metrics.spearman;
}

}  // namespace farpoint::learn
