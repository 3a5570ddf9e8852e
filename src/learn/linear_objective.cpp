// SPDX-License-Identifier: Apache-2.0
#include "linear_objective.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "whole_units.hpp"

namespace farpoint::learn {

namespace {

/// Examples that a thread takes at a time.
constexpr std::size_t grain = 256;

/// log(1 + exp(x)), without overflow.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

}  // namespace

/// The units of a pass's sums. They follow from the parameters alone, so that all ranks have the same.
struct LinearObjective::Units {
  WholeUnits loss;
  WholeUnits gradient;
};

LinearObjective::LinearObjective(comm::Communicator& comm, const StandardExamples& examples,
                                 const LinearOptions& options)
    : comm_(comm),
      examples_(examples),
      options_(options),
      outputs_(options.task == Task::classes ? options.classes : 1),
      scaled_(outputs_ * examples.stride()),
      biases_(outputs_) {}

void LinearObjective::scale_weights(std::span<const double> parameters) {
  const std::size_t width = examples_.width();
  for (std::size_t k = 0; k < outputs_; ++k) {
    const double* weights = parameters.data() + k * (width + 1);
    for (std::size_t j = 0; j < width; ++j) {
      scaled_[k * examples_.stride() + j] = weights[j] * examples_.spreads()[j].largest();
    }
    biases_[k] = weights[width];
  }
}

double LinearObjective::largest_output() const {
  double largest = 0;
  for (std::size_t k = 0; k < outputs_; ++k) {
    double sum = std::abs(biases_[k]);
    for (std::size_t j = 0; j < examples_.stride(); ++j) sum += std::abs(scaled_[k * examples_.stride() + j]);
    largest = std::max(largest, sum);
  }
  return largest;
}

double LinearObjective::evaluate(std::span<const double> parameters, std::span<double> gradient) {
  scale_weights(parameters);
  const double output = largest_output();
  const double total = examples_.total_weight();
  const bool grades = options_.task == Task::grade;
  const double residual = grades ? output + examples_.target_spread().largest() + 1 : 1;
  const double loss = grades ? residual * residual / 2 : 2 * output + std::bit_width(outputs_);
  const Units units{WholeUnits(total * loss), WholeUnits(total * residual, residual, largest_term)};

  const std::size_t stride = examples_.stride();
  std::vector<Sums> partials(thread_count(),
                             {std::vector<std::int64_t>(outputs_ * stride), std::vector<std::int64_t>(outputs_), 0,
                              std::vector<double>(block_rows * stride), std::vector<double>(outputs_ * block_rows),
                              std::vector<double>(outputs_ * block_rows)});
  parallel_for(examples_.size(), grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    for (std::size_t first = begin; first < end; first += block_rows) add_block(first, units, partials[thread]);
  });
  auto sums = add_up(partials);
  comm::all_reduce(comm_, std::span(sums), comm::Reduction::sum);

  double penalty = 0;
  const std::size_t width = examples_.width();
  for (std::size_t k = 0; k < outputs_; ++k) {
    const std::size_t bias = k * (width + 1) + width;
    for (std::size_t j = 0; j < width; ++j) {
      const std::size_t at = k * (width + 1) + j;
      const double mean = units.gradient.number(sums[at]) / total;
      gradient[at] = mean * examples_.spreads()[j].largest() + options_.l2 * parameters[at];
      penalty += parameters[at] * parameters[at];
    }
    gradient[bias] = units.gradient.number(sums[bias]) / total;
  }
  return units.loss.number(sums.back()) / total + options_.l2 / 2 * penalty;
}

void LinearObjective::add_block(std::size_t first, const Units& units, Sums& sums) const {
  const std::size_t stride = examples_.stride();
  const std::size_t rows = examples_.load_block(first, sums.block.data());
  for (std::size_t k = 0; k < outputs_; ++k) {
    multiply_block(sums.block.data(), scaled_.data() + k * stride, stride, sums.products.data() + k * block_rows);
  }
  std::fill(sums.residuals.begin(), sums.residuals.end(), 0.0);
  for (std::size_t r = 0; r < rows; ++r) {
    const double weight = examples_.weight(first + r);
    sums.loss += units.loss.of(weight * loss_of(first + r, r, sums));
    for (std::size_t k = 0; k < outputs_; ++k) {
      double& residual = sums.residuals[k * block_rows + r];
      residual *= weight * units.gradient.per_unit();
      sums.biases[k] += std::llrint(residual);
    }
  }
  for (std::size_t k = 0; k < outputs_; ++k) {
    add_products(sums.block.data(), sums.residuals.data() + k * block_rows, stride, sums.weights.data() + k * stride);
  }
}

/// The loss of example i, which is the row of the block; sets its residuals, the loss' derivatives by the outputs.
double LinearObjective::loss_of(std::size_t i, std::size_t row, Sums& sums) const {
  const auto output = [&](std::size_t k) { return sums.products[k * block_rows + row] + biases_[k]; };
  const auto residual = [&](std::size_t k) -> double& { return sums.residuals[k * block_rows + row]; };
  if (options_.task == Task::grade) {
    const double error = output(0) - examples_.grade(i);
    residual(0) = error;
    return error * error / 2;
  }
  if (options_.task == Task::binary) {
    // Towards the other label.
    const double wrong = examples_.label(i) == 1 ? -1 : 1;
    residual(0) = wrong * sigmoid(wrong * output(0));
    return softplus(wrong * output(0));
  }
  double greatest = output(0);
  for (std::size_t k = 1; k < outputs_; ++k) greatest = std::max(greatest, output(k));
  double sum = 0;
  for (std::size_t k = 0; k < outputs_; ++k) sum += residual(k) = std::exp(output(k) - greatest);
  for (std::size_t k = 0; k < outputs_; ++k) residual(k) /= sum;
  residual(examples_.label(i)) -= 1;
  return std::log(sum) + greatest - output(examples_.label(i));
}

/// In the order of the parameters; the loss comes last.
std::vector<std::int64_t> LinearObjective::add_up(const std::vector<Sums>& partials) const {
  const std::size_t width = examples_.width();
  std::vector<std::int64_t> all(size() + 1, 0);
  for (const Sums& sums : partials) {
    for (std::size_t k = 0; k < outputs_; ++k) {
      for (std::size_t j = 0; j < width; ++j) all[k * (width + 1) + j] += sums.weights[k * examples_.stride() + j];
      all[k * (width + 1) + width] += sums.biases[k];
    }
    all.back() += sums.loss;
  }
  return all;
}

}  // namespace farpoint::learn
