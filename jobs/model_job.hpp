// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "chosen_model.hpp"
#include "failed_records.hpp"
#include "farpoint/models/language_model.hpp"
#include "model_need.hpp"

namespace farpoint::jobs {

/// What jobs have in common that put each record's text through one model of `models`, the curated records' too.
class ModelJob : public pipeline::ShardJob, public pipeline::KnowsItsNeed {
 public:
  bool reads_text() const override { return true; }
  bool covers_curated() const override { return true; }
  std::string unit() const override { return "tokens"; }
  std::string device() const override { return model_.device(); }
  std::vector<std::filesystem::path> model_files() const override { return model_.files(); }
  void check(std::uint64_t) const override { models::describe(model_.execution); }
  void prefetch() const override { model_.prefetch(); }
  pipeline::Need estimate(const pipeline::Workload& work) const override;

 protected:
  /// What of each record goes through the model; as it is here, its whole text once.
  virtual ModelTexts sampled_texts(const pipeline::Workload& work) const;

  /// `job` names it in errors, `model` and `batch_tokens` are the values of its options of these names. Throws
  /// ConfigError.
  ModelJob(std::string job, const std::string& model, const std::optional<std::uint64_t>& batch_tokens,
           const pipeline::Node& where, const pipeline::JobSetup& setup);

  /// Columns of numbers that the pool and the curated records have, named `as` and an ending each.
  static std::vector<pipeline::ColumnSpec> number_columns(const std::string& as,
                                                          const std::vector<std::string>& endings);
  /// Options that a job without more to say of its results has.
  pipeline::Node resolved(pipeline::Node options, bool results_only) const;
  /// How the model computes on this rank.
  models::Execution execution_on(int node_rank) const;
  /// ShardJob::cost() of a text in windows of `window` tokens; `cut`: of the first window alone.
  double cost_in_windows(double bytes, std::uint64_t window, bool cut) const;
  /// Says in the log that it is loaded.
  void tell_of_loading(const models::Execution& execution) const;

  std::string job_;
  ChosenModel model_;
  FailedRecords failed_;
};

/// Those whose model is a causal one that they ask for likelihoods or text.
class LanguageModelJob : public ModelJob {
 public:
  void unload() override { language_model_.reset(); }

 protected:
  using ModelJob::ModelJob;
  ModelTexts sampled_texts(const pipeline::Workload& work) const override;
  void load_language_model(int node_rank, std::uint64_t max_tokens,
                           const std::optional<std::uint64_t>& stride = std::nullopt);

  std::optional<models::LanguageModel> language_model_;
};

}  // namespace farpoint::jobs
