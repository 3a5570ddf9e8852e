// SPDX-License-Identifier: Apache-2.0
// jobs/learning/cross_validation.hpp: models that are each trained without one fold of the examples, and how they do
// on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "learner.hpp"

namespace farpoint::jobs {

/// An example that this rank holds, in the order in which the learner got them.
struct Example {
  pipeline::Population population = pipeline::Population::pool;
  std::uint64_t id = 0;
  double target = 0;
  std::uint32_t fold = 0;
};

/// Takes the records `rows` of a shard as examples with these targets [rows]; those without features are passed over.
/// Returns how many were taken. `seed` and `folds` say in which fold each is.
std::uint64_t take_examples(Learner& learner, const pipeline::Shard& shard, std::span<const std::size_t> rows,
                            std::span<const double> targets, std::uint64_t seed, std::uint64_t folds,
                            std::vector<Example>& examples);

struct Training {
  std::vector<Example> examples;
  Goal goal;
  LearnerOptions options;

  /// Trains model `model` on the examples for which `takes` says so, and adds what is known of it to `facts` with
  /// `prefix` before the names. Collective.
  void train(Learner& learner, pipeline::PoolPass& pass, std::size_t model,
             const std::function<bool(const Example&)>& takes, const std::string& prefix,
             std::map<std::string, double>& facts) const;

  /// Model f for each fold f, trained on examples of other folds for which takes(example, f) holds; and, as facts, how
  /// each does on the fold that it has not seen ("fold-0.auc", ...), and all together ("auc", ...). Collective.
  std::map<std::string, double> cross_validate(
      Learner& learner, pipeline::PoolPass& pass,
      const std::function<bool(const Example&, std::uint64_t fold)>& takes) const;

 private:
  std::vector<double> weights(pipeline::PoolPass& pass, const std::function<bool(const Example&)>& takes) const;
};

/// Facts as columns of a preparation, and back.
std::vector<store::Column> fact_columns(const std::map<std::string, double>& facts);
std::map<std::string, double> facts_in(const std::vector<store::Column>& prepared);

}  // namespace farpoint::jobs
