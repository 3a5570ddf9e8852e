// SPDX-License-Identifier: Apache-2.0
#include "standard_examples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "whole_units.hpp"

namespace farpoint::learn {

namespace {

using comm::AgreedError;
using comm::Reduction;

/// Examples that a thread takes at a time.
constexpr std::size_t grain = 256;
/// A column that varies less, in units of half its range, is taken for constant: its variance, the difference of two
/// means of squares, is exact to about 1e-15 of that.
constexpr double least_deviation = 1e-6;

std::uint64_t labels_of(const LinearOptions& options) {
  if (options.task == Task::grade) return 0;
  return options.task == Task::binary ? 2 : options.classes;
}

void check_target(std::size_t i, double target, std::uint64_t labels) {
  if (labels == 0) {
    if (std::isfinite(target)) return;
    throw Error(fmt::format("example {} has the grade {}; leave out what has none", i, target));
  }
  if (target >= 0 && target < static_cast<double>(labels) && target == std::floor(target)) return;
  throw Error(fmt::format("example {} has the label {}; labels are whole numbers from 0 to {}", i, target, labels - 1));
}

void check_shapes(const Examples& examples) {
  const std::size_t size = examples.targets.size();
  if (examples.weights.size() == size && examples.rows.size() == size * examples.width) return;
  throw Error(fmt::format("{} targets, {} weights and {} features for examples of {} features", size,
                          examples.weights.size(), examples.rows.size(), examples.width));
}

void check_examples(const Examples& examples, const LinearOptions& options) {
  check_shapes(examples);
  if (!(options.l2 >= 0) || !std::isfinite(options.l2)) {
    throw UsageError(fmt::format("l2 is {}; it is a finite number, at least 0", options.l2));
  }
  for (std::size_t i = 0; i < examples.targets.size(); ++i) {
    check_target(i, examples.targets[i], labels_of(options));
    const double weight = examples.weights[i];
    if (weight >= 0 && std::isfinite(weight)) continue;
    throw Error(fmt::format("example {} has the weight {}; weights are finite and not negative", i, weight));
  }
}

[[noreturn]] void refuse_feature(const Examples& examples) {
  const auto bad = std::find_if(examples.rows.begin(), examples.rows.end(), [](float x) { return !std::isfinite(x); });
  const auto place = static_cast<std::uint64_t>(bad - examples.rows.begin());
  throw Error(fmt::format("feature {} of example {} is {}; leave out records without a vector", place % examples.width,
                          place / examples.width, *bad));
}

/// The range of each feature over all ranks; the examples of weight 0 do not count.
struct FeatureRanges {
  std::vector<float> least, greatest;

  explicit FeatureRanges(std::size_t width)
      : least(width, std::numeric_limits<float>::infinity()),
        greatest(width, -std::numeric_limits<float>::infinity()) {}

  void widen(const Examples& examples) {
    struct Partial {
      FeatureRanges ranges;
      std::vector<float> spoilt;
    };
    const std::size_t width = examples.width;
    std::vector<Partial> partials(thread_count(), {FeatureRanges(width), std::vector<float>(width)});
    parallel_for(examples.targets.size(), grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
      auto& [ranges, spoilt] = partials[thread];
      for (std::size_t i = begin; i < end; ++i) {
        const float* row = examples.rows.data() + i * width;
        if (examples.weights[i] > 0) {
          widen_range(row, width, ranges.least.data(), ranges.greatest.data(), spoilt.data());
        } else {
          for (std::size_t j = 0; j < width; ++j) spoilt[j] += row[j] * 0.0F;
        }
      }
    });
    for (const auto& [ranges, spoilt] : partials) {
      for (std::size_t j = 0; j < width; ++j) {
        if (std::isnan(spoilt[j])) refuse_feature(examples);
        least[j] = std::min(least[j], ranges.least[j]);
        greatest[j] = std::max(greatest[j], ranges.greatest[j]);
      }
    }
  }
};

/// Sums of a column's values, as (value - centre) / half_range, and of their squares: weighted, in units.
Spread spread_of(double centre, double half_range, double sum, double sum_of_squares, double total_weight) {
  if (!(half_range > 0)) return {centre, 0, 0};
  const double mean = sum / total_weight;
  const double variance = sum_of_squares / total_weight - mean * mean;
  const double deviation = variance > 0 ? std::sqrt(variance) : 0;
  if (deviation < least_deviation) return {centre + half_range * mean, 0, 0};
  return {centre + half_range * mean, half_range * (1 + std::abs(mean)), half_range * deviation};
}

}  // namespace

StandardExamples::StandardExamples(comm::Communicator& comm, const Examples& examples, const LinearOptions& options)
    : examples_(examples), spreads_(examples.width) {
  FeatureRanges ranges(examples.width);
  comm::agree(comm, [&] {
    check_examples(examples, options);
    ranges.widen(examples);
  });
  const auto least_width = comm::all_reduce(comm, examples.width, Reduction::min);
  const auto greatest_width = comm::all_reduce(comm, examples.width, Reduction::max);
  if (least_width != greatest_width) {
    throw AgreedError(
        fmt::format("examples of {} and of {} features cannot be fitted together", least_width, greatest_width));
  }
  weigh(comm, options);
  comm::all_reduce(comm, std::span(ranges.least), Reduction::min);
  comm::all_reduce(comm, std::span(ranges.greatest), Reduction::max);
  measure_spreads(comm, ranges.least, ranges.greatest);
  if (options.task == Task::grade) measure_target(comm);
}

void StandardExamples::weigh(comm::Communicator& comm, const LinearOptions& options) {
  double greatest = 0;
  std::uint64_t count = 0;
  for (const double weight : examples_.weights) {
    greatest = std::max(greatest, weight);
    count += weight > 0 ? 1 : 0;
  }
  greatest = comm::all_reduce(comm, greatest, Reduction::max);
  count = comm::all_reduce(comm, count, Reduction::sum);
  if (count == 0) {
    throw AgreedError("there are no examples to learn from, or all have weight 0; give records of each label");
  }
  const std::uint64_t labels = labels_of(options);
  // Sums of weights: of each label, and at the end of all.
  const WholeUnits units(static_cast<double>(count));
  std::vector<std::int64_t> sums(labels + 1, 0);
  std::vector<std::uint64_t> weighed(labels, 0);
  weights_.reserve(examples_.weights.size());
  for (std::size_t i = 0; i < examples_.weights.size(); ++i) {
    weights_.push_back(examples_.weights[i] / greatest);
    const std::int64_t share = units.of(weights_.back());
    sums.back() += share;
    if (labels == 0) continue;
    sums[label(i)] += share;
    weighed[label(i)] += weights_.back() > 0 ? 1 : 0;
  }
  comm::all_reduce(comm, std::span(sums), Reduction::sum);
  comm::all_reduce(comm, std::span(weighed), Reduction::sum);
  for (std::uint64_t k = 0; k < labels; ++k) {
    if (weighed[k] > 0) continue;
    throw AgreedError(fmt::format("there is no example of label {} to learn from; give some, or take fewer labels", k));
  }
  total_weight_ = units.number(sums.back());
  for (std::uint64_t k = 0; k < labels; ++k) label_shares_.push_back(units.number(sums[k]) / total_weight_);
}

void StandardExamples::measure_spreads(comm::Communicator& comm, const std::vector<float>& least,
                                       const std::vector<float>& greatest) {
  const std::size_t columns = stride();
  centres_.resize(columns);
  factors_.resize(columns);
  for (std::size_t j = 0; j < width(); ++j) {
    centres_[j] = (static_cast<double>(least[j]) + greatest[j]) / 2;
    const double half_range = (static_cast<double>(greatest[j]) - least[j]) / 2;
    factors_[j] = half_range > 0 ? 1 / half_range : 0;
  }
  const WholeUnits units(total_weight_, 1, largest_term);
  std::vector<std::vector<std::int64_t>> partials(thread_count(), std::vector<std::int64_t>(2 * columns, 0));
  parallel_for(size(), grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    std::vector<double> block(block_rows * columns, 0);
    for (std::size_t first = begin; first < end; first += block_rows) {
      const std::size_t rows = load_block(first, block.data());
      std::array<double, block_rows> factors{};
      for (std::size_t r = 0; r < rows; ++r) factors[r] = weights_[first + r] * units.per_unit();
      add_products(block.data(), factors.data(), columns, partials[thread].data());
      for (double& value : block) value *= value;
      add_products(block.data(), factors.data(), columns, partials[thread].data() + columns);
    }
  });
  std::vector<std::int64_t> sums(2 * columns, 0);
  for (const auto& partial : partials) {
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += partial[j];
  }
  comm::all_reduce(comm, std::span(sums), Reduction::sum);
  for (std::size_t j = 0; j < width(); ++j) {
    const double half_range = factors_[j] > 0 ? (static_cast<double>(greatest[j]) - least[j]) / 2 : 0;
    spreads_[j] =
        spread_of(centres_[j], half_range, units.number(sums[j]), units.number(sums[columns + j]), total_weight_);
    centres_[j] = spreads_[j].mean;
    factors_[j] = spreads_[j].varies() ? 1 / spreads_[j].reach : 0;
  }
}

void StandardExamples::measure_target(comm::Communicator& comm) {
  double least = HUGE_VAL;
  double greatest = -HUGE_VAL;
  for (std::size_t i = 0; i < size(); ++i) {
    if (weights_[i] == 0) continue;
    least = std::min(least, examples_.targets[i]);
    greatest = std::max(greatest, examples_.targets[i]);
  }
  least = comm::all_reduce(comm, least, Reduction::min);
  greatest = comm::all_reduce(comm, greatest, Reduction::max);
  const double centre = least / 2 + greatest / 2;
  const double half_range = greatest / 2 - least / 2;
  const WholeUnits units(total_weight_);
  std::array<std::int64_t, 2> sums{};
  for (std::size_t i = 0; i < size() && half_range > 0; ++i) {
    if (weights_[i] == 0) continue;
    const double value = (examples_.targets[i] - centre) / half_range;
    sums[0] += units.of(weights_[i] * value);
    sums[1] += units.of(weights_[i] * value * value);
  }
  comm::all_reduce(comm, std::span<std::int64_t>(sums), Reduction::sum);
  target_spread_ = spread_of(centre, half_range, units.number(sums[0]), units.number(sums[1]), total_weight_);
}

double StandardExamples::grade(std::size_t i) const {
  if (!target_spread_.varies() || weights_[i] == 0) return 0;
  return (examples_.targets[i] - target_spread_.mean) / target_spread_.deviation;
}

std::size_t StandardExamples::load_block(std::size_t first, double* block) const {
  const std::size_t rows = std::min(block_rows, size() - first);
  for (std::size_t r = 0; r < rows; ++r) {
    scale_row(examples_.rows.data() + (first + r) * width(), centres_.data(), factors_.data(), width(),
              block + r * stride());
  }
  std::fill(block + rows * stride(), block + block_rows * stride(), 0.0);
  return rows;
}

}  // namespace farpoint::learn
