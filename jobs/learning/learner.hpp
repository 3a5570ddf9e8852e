// SPDX-License-Identifier: Apache-2.0
// jobs/learning/learner.hpp: what learns to tell records apart, from vectors or from texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "farpoint/learn/linear.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// What is learnt: the task, and the labels in the order of their numbers (none for grades).
struct Goal {
  learn::Task task = learn::Task::binary;
  std::vector<std::string> labels;

  /// Numbers that a prediction has: the probability of label 1, one of each class, or the grade.
  std::size_t outputs() const { return task == learn::Task::classes ? labels.size() : 1; }
};

/// Features of examples that this rank holds, models trained on them, and predictions by these. Models have numbers
/// from 0. Everything that says so is collective.
class Learner {
 public:
  virtual ~Learner() = default;

  // What the job hands on (pipeline/job.hpp).
  virtual std::vector<std::string> reads() const { return {}; }
  virtual bool reads_text() const { return false; }
  virtual std::string device() const { return "cpu"; }
  virtual std::vector<std::filesystem::path> model_files() const { return {}; }
  /// Replaces in the job's options what results do not depend on.
  virtual pipeline::Node result_options(pipeline::Node options) const { return options; }
  /// Throws where this machine cannot run it.
  virtual void check() const {}
  virtual void work_in(const std::filesystem::path& folder) = 0;
  virtual void prefetch() const {}

  /// Before any example is added. Collective.
  virtual void begin(pipeline::PoolPass& pass) = 0;
  /// Adds the records `rows` of a shard as examples; [rows], 0 for those without features, which are not added.
  virtual std::vector<std::uint8_t> add(const pipeline::Shard& shard, std::span<const std::size_t> rows) = 0;
  /// Trains model `model`. `keys`, `targets` and `weights` are of this rank's examples in the order in which they were
  /// added; a key is the same at any number of ranks; weight 0 leaves an example out. Returns facts about the training.
  /// The model is kept in the job's folder until use() or longer: where an interrupted run has trained it, it is not
  /// trained again. Collective.
  virtual std::map<std::string, double> train(pipeline::PoolPass& pass, std::size_t model, const Goal& goal,
                                              std::span<const std::uint64_t> keys, std::span<const double> targets,
                                              std::span<const double> weights) = 0;
  /// Predictions for this rank's examples `chosen`, [chosen, goal.outputs()]; NaN where there is none.
  virtual std::vector<double> predict(std::size_t model, const Goal& goal, std::span<const std::size_t> chosen) = 0;
  /// Writes a model as a folder that the job 'rate' can use, where it is one. One rank does.
  virtual void save(std::size_t model, const Goal& goal, const std::filesystem::path& folder) const = 0;
  /// What use() needs later to have the models again; the examples are dropped.
  virtual std::vector<store::Column> finish() = 0;

  virtual void use(const std::vector<store::Column>& prepared) = 0;
  /// `between_batches`: for models::Execution.
  virtual void load(int node_rank, const std::function<void()>& between_batches) = 0;
  virtual void unload() = 0;
  /// Predictions for all records of a shard, record i by model `models[i]`.
  virtual std::vector<double> predict(const pipeline::Shard& shard, std::span<const std::uint32_t> models,
                                      const Goal& goal) const = 0;
};

/// `job` names the job in errors. Throws ConfigError.
std::unique_ptr<Learner> make_learner(const std::string& job, LearnerOptions& options, const pipeline::Node& where,
                                      const pipeline::JobSetup& setup);
std::unique_ptr<Learner> make_linear_learner(const std::string& job, LearnerOptions& options,
                                             const pipeline::Node& where, const pipeline::JobSetup& setup);
std::unique_ptr<Learner> make_encoder_learner(const std::string& job, LearnerOptions& options,
                                              const pipeline::Node& where, const pipeline::JobSetup& setup);

}  // namespace farpoint::jobs
