// SPDX-License-Identifier: Apache-2.0
#include "cross_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/learn/folds.hpp"
#include "farpoint/learn/metrics.hpp"
#include "farpoint/pipeline/stop.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr const char* names_column = "facts/name";
constexpr const char* values_column = "facts/value";

/// Ids are places in a corpus, far below 2^56.
std::uint64_t key_of(const Example& example) {
  return static_cast<std::uint64_t>(example.population) << 56 | example.id;
}

/// Examples of all ranks with their held-out predictions, in an order that does not depend on ranks: sums of metrics
/// are those of floating-point numbers.
struct HeldOut {
  std::vector<double> targets;
  std::vector<double> predictions;  // [examples, outputs]
};

HeldOut gather(comm::Communicator& comm, std::span<const std::uint64_t> keys, std::span<const double> targets,
               std::span<const double> predictions, std::size_t outputs) {
  const auto all_keys = comm::all_gather(comm, keys).data;
  const auto all_targets = comm::all_gather(comm, targets).data;
  const auto all_predictions = comm::all_gather(comm, predictions).data;
  std::vector<std::size_t> order(all_keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all_keys[a] < all_keys[b]; });
  HeldOut all;
  for (const auto i : order) {
    const auto row = std::span(all_predictions).subspan(i * outputs, outputs);
    // What has no prediction counts for nothing.
    if (std::any_of(row.begin(), row.end(), [](double x) { return std::isnan(x); })) continue;
    all.targets.push_back(all_targets[i]);
    all.predictions.insert(all.predictions.end(), row.begin(), row.end());
  }
  return all;
}

void add_metrics(const HeldOut& held_out, const Goal& goal, double threshold, const std::string& prefix,
                 std::map<std::string, double>& facts) {
  if (goal.task == learn::Task::binary) {
    const std::vector<std::uint8_t> labels(held_out.targets.begin(), held_out.targets.end());
    learn::add_facts(learn::binary_metrics(held_out.predictions, labels, threshold), prefix, facts);
  } else if (goal.task == learn::Task::classes) {
    const std::vector<std::uint32_t> labels(held_out.targets.begin(), held_out.targets.end());
    learn::add_facts(learn::class_metrics(held_out.predictions, labels, goal.labels.size()), prefix, facts);
  } else {
    learn::add_facts(learn::grade_metrics(held_out.predictions, held_out.targets), prefix, facts);
  }
}

}  // namespace

std::uint64_t take_examples(Learner& learner, const Shard& shard, std::span<const std::size_t> rows,
                            std::span<const double> targets, std::uint64_t seed, std::uint64_t folds,
                            std::vector<Example>& examples) {
  const auto added = learner.add(shard, rows);
  std::uint64_t taken = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (added[i] == 0) continue;
    const auto id = shard.ids()[rows[i]];
    const auto fold = learn::fold_of(seed, index_of(shard.population()), id, folds);
    examples.push_back({shard.population(), id, targets[i], static_cast<std::uint32_t>(fold)});
    ++taken;
  }
  return taken;
}

std::vector<double> Training::weights(PoolPass& pass, const std::function<bool(const Example&)>& takes) const {
  std::vector<double> weights;
  std::vector<std::uint64_t> counts(std::max<std::size_t>(goal.labels.size(), 2), 0);
  const bool balanced = goal.task != learn::Task::grade && options.class_weights == ClassWeights::balanced;
  const auto label = [&](const Example& example) { return balanced ? static_cast<std::size_t>(example.target) : 0; };
  for (const auto& example : examples) {
    weights.push_back(takes(example) ? 1 : 0);
    if (weights.back() > 0) ++counts[label(example)];
  }
  pass.sum(counts);
  if (!balanced) return weights;
  // Their mean is 1.
  std::uint64_t total = 0;
  std::uint64_t labels = 0;
  for (const auto count : counts) {
    total += count;
    labels += count > 0 ? 1 : 0;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    weights[i] = static_cast<double>(total) / static_cast<double>(labels * counts[label(examples[i])]);
  }
  return weights;
}

void Training::train(Learner& learner, PoolPass& pass, std::size_t model,
                     const std::function<bool(const Example&)>& takes, const std::string& prefix,
                     std::map<std::string, double>& facts) const {
  std::vector<std::uint64_t> keys;
  std::vector<double> targets;
  for (const auto& example : examples) {
    keys.push_back(key_of(example));
    targets.push_back(example.target);
  }
  for (const auto& [name, value] : learner.train(pass, model, goal, keys, targets, weights(pass, takes))) {
    facts[prefix + name] = value;
  }
  pass.stops().point();
}

std::map<std::string, double> Training::cross_validate(
    Learner& learner, PoolPass& pass, const std::function<bool(const Example&, std::uint64_t fold)>& takes) const {
  std::map<std::string, double> facts;
  std::vector<std::uint64_t> keys;
  std::vector<double> targets;
  std::vector<double> predictions;
  for (std::uint64_t fold = 0; fold < options.folds; ++fold) {
    const auto prefix = fmt::format("fold-{}.", fold);
    train(
        learner, pass, fold, [&](const Example& example) { return example.fold != fold && takes(example, fold); },
        prefix, facts);
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < examples.size(); ++i) {
      if (examples[i].fold == fold) chosen.push_back(i);
    }
    const auto before = keys.size();
    for (const auto i : chosen) {
      keys.push_back(key_of(examples[i]));
      targets.push_back(examples[i].target);
    }
    const auto of_fold = learner.predict(fold, goal, chosen);
    add_metrics(gather(pass.comm(), std::span(keys).subspan(before), std::span(targets).subspan(before), of_fold,
                       goal.outputs()),
                goal, options.threshold, prefix, facts);
    predictions.insert(predictions.end(), of_fold.begin(), of_fold.end());
  }
  add_metrics(gather(pass.comm(), keys, targets, predictions, goal.outputs()), goal, options.threshold, "", facts);
  return facts;
}

std::vector<store::Column> fact_columns(const std::map<std::string, double>& facts) {
  store::Strings names;
  std::vector<double> values;
  for (const auto& [name, value] : facts) {
    names.push_back(name);
    values.push_back(value);
  }
  return {{names_column, std::move(names)}, {values_column, std::move(values)}};
}

std::map<std::string, double> facts_in(const std::vector<store::Column>& prepared) {
  const store::Strings* names = nullptr;
  const std::vector<double>* values = nullptr;
  for (const auto& column : prepared) {
    if (column.name == names_column) names = &column.as<store::Strings>();
    if (column.name == values_column) values = &column.as<std::vector<double>>();
  }
  std::map<std::string, double> facts;
  for (std::size_t i = 0; names != nullptr && i < names->size(); ++i) facts.emplace((*names)[i], (*values)[i]);
  return facts;
}

}  // namespace farpoint::jobs
