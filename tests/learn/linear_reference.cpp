// SPDX-License-Identifier: Apache-2.0
#include "learn/linear_reference.hpp"

#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

namespace farpoint::learn {

namespace {

using Real = long double;
using Vector = std::vector<Real>;

/// Gaussian elimination with pivots; `matrix` [n, n].
Vector solve(std::vector<Vector> matrix, Vector right) {
  const std::size_t n = right.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i) {
      if (std::abs(matrix[i][k]) > std::abs(matrix[pivot][k])) pivot = i;
    }
    std::swap(matrix[k], matrix[pivot]);
    std::swap(right[k], right[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const Real factor = matrix[i][k] / matrix[k][k];
      for (std::size_t j = k; j < n; ++j) matrix[i][j] -= factor * matrix[k][j];
      right[i] -= factor * right[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) right[k] -= matrix[k][j] * right[j];
    right[k] /= matrix[k][k];
  }
  return right;
}

void standardise(const Sample& sample, Reference& reference) {
  Real total = 0;
  reference.mean.assign(sample.width, 0);
  reference.deviation.assign(sample.width, 0);
  for (const double weight : sample.weights) total += weight;
  for (std::size_t j = 0; j < sample.width; ++j) {
    for (std::size_t i = 0; i < sample.size(); ++i) reference.mean[j] += sample.weights[i] * Real{sample.row(i)[j]};
    reference.mean[j] /= total;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const Real distance = sample.row(i)[j] - reference.mean[j];
      reference.deviation[j] += sample.weights[i] * distance * distance;
    }
    reference.deviation[j] = std::sqrt(reference.deviation[j] / total);
  }
}

Vector features_of(const Reference& reference, std::span<const float> row) {
  Vector features;
  for (std::size_t j = 0; j < row.size(); ++j)
    features.push_back((row[j] - reference.mean[j]) / reference.deviation[j]);
  features.push_back(1);
  return features;
}

Vector outputs_of(const Reference& reference, const Vector& features) {
  Vector outputs(reference.parameters.size() / features.size(), 0);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    for (std::size_t j = 0; j < features.size(); ++j) {
      outputs[k] += reference.parameters[k * features.size() + j] * features[j];
    }
  }
  return outputs;
}

Vector probabilities_of(Vector outputs) {
  Real sum = 0;
  for (Real& output : outputs) sum += output = std::exp(output);
  for (Real& output : outputs) output /= sum;
  return outputs;
}

/// The loss, its derivatives by the outputs, and their derivatives.
struct Local {
  Real loss = 0;
  Vector slope;
  std::vector<Vector> curvature;
};

Local local(Task task, const Vector& outputs, double target) {
  if (task == Task::grade) {
    const Real error = outputs[0] - target;
    return {error * error / 2, {error}, {{1}}};
  }
  if (task == Task::binary) {
    const Real p = 1 / (1 + std::exp(-outputs[0]));
    return {-std::log(target == 1 ? p : 1 - p), {p - target}, {{p * (1 - p)}}};
  }
  const Vector p = probabilities_of(outputs);
  const auto label = static_cast<std::size_t>(target);
  Local result{-std::log(p[label]), p, std::vector<Vector>(p.size(), Vector(p.size()))};
  result.slope[label] -= 1;
  for (std::size_t k = 0; k < p.size(); ++k) {
    for (std::size_t l = 0; l < p.size(); ++l) result.curvature[k][l] = p[k] * ((k == l ? 1 : 0) - p[l]);
  }
  return result;
}

/// Adds everything up at the present parameters; sets the loss.
std::pair<Vector, std::vector<Vector>> derivatives(const Sample& sample, const LinearOptions& options,
                                                   Reference& reference) {
  const std::size_t n = reference.parameters.size();
  const std::size_t step = sample.width + 1;
  Vector gradient(n, 0);
  std::vector<Vector> hessian(n, Vector(n, 0));
  Real total = 0;
  reference.loss = 0;
  for (const double weight : sample.weights) total += weight;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const Vector features = features_of(reference, sample.row(i));
    const Local at = local(options.task, outputs_of(reference, features), sample.targets[i]);
    const Real share = sample.weights[i] / total;
    reference.loss += share * at.loss;
    for (std::size_t a = 0; a < n; ++a) {
      gradient[a] += share * at.slope[a / step] * features[a % step];
      for (std::size_t b = 0; b < n; ++b) {
        hessian[a][b] += share * at.curvature[a / step][b / step] * features[a % step] * features[b % step];
      }
    }
  }
  for (std::size_t a = 0; a < n; ++a) {
    const bool bias = a % step == sample.width;
    const Real weight = reference.parameters[a];
    hessian[a][a] += bias ? 1e-15L : options.l2;  // nothing else holds the sum of the biases
    if (bias) continue;
    gradient[a] += options.l2 * weight;
    reference.loss += options.l2 / 2 * weight * weight;
  }
  return {gradient, hessian};
}

}  // namespace

Reference fit_by_newton(const Sample& sample, const LinearOptions& options) {
  Reference reference;
  reference.task = options.task;
  reference.width = sample.width;
  standardise(sample, reference);
  reference.parameters.assign((options.task == Task::classes ? options.classes : 1) * (sample.width + 1), 0);
  auto [gradient, hessian] = derivatives(sample, options, reference);
  for (int step = 0; step < 60; ++step) {
    const Vector direction = solve(hessian, gradient);
    const Vector before = reference.parameters;
    const Real loss = reference.loss;
    if (std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), Real{0})) < 1e-16L) break;
    for (Real length = 1; length > 1e-6L; length /= 2) {
      for (std::size_t a = 0; a < before.size(); ++a) reference.parameters[a] = before[a] - length * direction[a];
      std::tie(gradient, hessian) = derivatives(sample, options, reference);
      if (reference.loss <= loss) break;
    }
  }
  return reference;
}

std::vector<double> Reference::predict(std::span<const float> row) const {
  const Vector outputs = outputs_of(*this, features_of(*this, row));
  if (task == Task::grade) return {static_cast<double>(outputs[0])};
  if (task == Task::binary) return {static_cast<double>(1 / (1 + std::exp(-outputs[0])))};
  const Vector p = probabilities_of(outputs);
  return {p.begin(), p.end()};
}

std::vector<double> predict(const LinearModel& model, Task task, std::span<const float> row) {
  auto outputs = model.outputs_of(row);
  if (task == Task::binary) outputs[0] = sigmoid(outputs[0]);
  if (task == Task::classes) softmax(outputs);
  return outputs;
}

}  // namespace farpoint::learn
