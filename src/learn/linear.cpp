// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/linear.hpp"

#include <fmt/format.h>
#include <lbfgs.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "linear_objective.hpp"
#include "standard_examples.hpp"

namespace farpoint::learn {

namespace {

/// Pairs of steps and gradients that stand for the curvature: as in scipy and scikit-learn.
constexpr int remembered_steps = 10;

/// A run of L-BFGS, as libLBFGS calls it back. What is thrown must not pass through its C code.
struct Descent {
  LinearObjective* objective;
  bool begun = false;
  double loss = 0;  ///< of the last parameters that were accepted
  std::uint64_t iterations = 0;
  std::exception_ptr failure = nullptr;

  static lbfgsfloatval_t evaluate(void* instance, const lbfgsfloatval_t* x, lbfgsfloatval_t* g, int n,
                                  lbfgsfloatval_t /*step*/) {
    auto& self = *static_cast<Descent*>(instance);
    const auto size = static_cast<std::size_t>(n);
    double value = 0;
    std::fill_n(g, size, 0.0);
    if (self.failure) return value;
    try {
      value = self.objective->evaluate({x, size}, {g, size});
    } catch (...) {
      self.failure = std::current_exception();
    }
    if (!self.begun) self.loss = value;
    self.begun = true;
    return value;
  }

  static int progress(void* instance, const lbfgsfloatval_t* /*x*/, const lbfgsfloatval_t* /*g*/,
                      const lbfgsfloatval_t loss, const lbfgsfloatval_t /*x_norm*/, const lbfgsfloatval_t /*g_norm*/,
                      const lbfgsfloatval_t /*step*/, int /*n*/, int k, int /*evaluations*/) {
    auto& self = *static_cast<Descent*>(instance);
    self.loss = loss;
    self.iterations = static_cast<std::uint64_t>(k);
    return self.failure ? 1 : 0;
  }
};

struct FreeVariables {
  void operator()(lbfgsfloatval_t* variables) const { lbfgs_free(variables); }
};
using Variables = std::unique_ptr<lbfgsfloatval_t, FreeVariables>;

lbfgs_parameter_t parameters_of(const LinearOptions& options) {
  lbfgs_parameter_t parameters;
  lbfgs_parameter_init(&parameters);
  parameters.m = remembered_steps;
  parameters.epsilon = options.tolerance;
  // 0 would mean without end.
  parameters.max_iterations =
      static_cast<int>(std::clamp<std::uint64_t>(options.max_iterations, 1, std::numeric_limits<int>::max()));
  return parameters;
}

/// Weights 0, and the biases that are best then.
void set_start(comm::Communicator& comm, const StandardExamples& examples, const LinearOptions& options,
               std::span<double> parameters) {
  std::fill(parameters.begin(), parameters.end(), 0.0);
  const auto& shares = examples.label_shares();
  const auto log_share = [&](std::size_t k) { return std::log(std::max(shares[k], 1e-9)); };
  if (options.task == Task::binary) {
    parameters.back() = log_share(1) - log_share(0);
  } else if (options.task == Task::classes) {
    for (std::size_t k = 0; k < shares.size(); ++k) {
      parameters[(k + 1) * (examples.width() + 1) - 1] = log_share(k);
    }
  }
  // Logarithms may differ between processors.
  comm::broadcast(comm, parameters);
}

/// Nothing fixes the sum of the biases of classes.
void centre_biases(std::span<double> parameters, std::size_t outputs) {
  const std::size_t step = parameters.size() / outputs;
  double sum = 0;
  for (std::size_t k = 1; k <= outputs; ++k) sum += parameters[k * step - 1];
  for (std::size_t k = 1; k <= outputs; ++k) parameters[k * step - 1] -= sum / static_cast<double>(outputs);
}

/// The model of the features and grades as they come.
LinearModel fold_back(std::span<const double> parameters, const StandardExamples& examples,
                      const LinearOptions& options) {
  const std::size_t width = examples.width();
  const bool grades = options.task == Task::grade;
  const Spread& target = examples.target_spread();
  LinearModel model;
  model.width = width;
  for (std::size_t begin = 0; begin < parameters.size(); begin += width + 1) {
    double bias = parameters[begin + width];
    for (std::size_t j = 0; j < width; ++j) {
      const Spread& spread = examples.spreads()[j];
      const double share = spread.varies() ? parameters[begin + j] / spread.deviation : 0;
      if (spread.varies()) bias -= share * spread.mean;
      model.weights.push_back(grades ? share * target.deviation : share);
    }
    model.biases.push_back(grades ? target.mean + bias * target.deviation : bias);
  }
  return model;
}

/// Ends that mean that float64 cannot tell better parameters from worse ones: no failure, but not what was asked.
bool is_stuck(int code) {
  return code == LBFGSERR_ROUNDING_ERROR || code == LBFGSERR_MINIMUMSTEP || code == LBFGSERR_MAXIMUMSTEP ||
         code == LBFGSERR_MAXIMUMLINESEARCH || code == LBFGSERR_WIDTHTOOSMALL || code == LBFGSERR_OUTOFINTERVAL ||
         code == LBFGSERR_INCORRECT_TMINMAX || code == LBFGSERR_INCREASEGRADIENT || code == LBFGSERR_INVALIDPARAMETERS;
}

}  // namespace

Fit fit_linear(comm::Communicator& comm, const Examples& examples, const LinearOptions& options) {
  const StandardExamples standard(comm, examples, options);
  LinearObjective objective(comm, standard, options);
  const auto size = static_cast<int>(objective.size());
  const Variables variables(lbfgs_malloc(size));
  if (!variables) throw Error(fmt::format("no memory for {} weights", size));
  const std::span<double> parameters(variables.get(), objective.size());
  set_start(comm, standard, options, parameters);

  Descent descent{&objective};
  auto limits = parameters_of(options);
  const int code = lbfgs(size, variables.get(), nullptr, Descent::evaluate, Descent::progress, &descent, &limits);
  if (descent.failure) std::rethrow_exception(descent.failure);
  const bool converged = code == LBFGS_SUCCESS || code == LBFGS_ALREADY_MINIMIZED;
  if (!converged && code != LBFGSERR_MAXIMUMITERATION && !is_stuck(code)) {
    throw comm::AgreedError(fmt::format("libLBFGS ends with {}: not enough memory?", code));
  }
  if (options.task == Task::classes) centre_biases(parameters, objective.outputs());
  Fit fit;
  fit.model = fold_back(parameters, standard, options);
  fit.loss = descent.loss;
  if (options.task == Task::grade && standard.target_spread().varies()) {
    fit.loss *= standard.target_spread().deviation * standard.target_spread().deviation;
  }
  fit.iterations = descent.iterations;
  fit.converged = converged;
  return fit;
}

std::vector<double> LinearModel::outputs_of(std::span<const float> row) const {
  std::vector<double> results;
  results.reserve(outputs());
  for (std::size_t k = 0; k < outputs(); ++k) {
    double sum = 0;
    for (std::size_t j = 0; j < width; ++j) sum += weights[k * width + j] * row[j];
    results.push_back(sum + biases[k]);
  }
  return results;
}

double sigmoid(double x) {
  const double small = std::exp(-std::abs(x));
  return (x < 0 ? small : 1) / (1 + small);
}

void softmax(std::span<double> logits) {
  if (logits.empty()) return;
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double& logit : logits) sum += logit = std::exp(logit - greatest);
  for (double& logit : logits) logit /= sum;
}

}  // namespace farpoint::learn
