// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// An entry of `models`, as a job uses it.
struct ChosenModel {
  std::string name;
  std::filesystem::path path;
  models::Execution execution;  ///< but for the node's rank
  /// Settings and file names, no weights. Unset when a finished run is only read: the folder may be gone by then.
  std::optional<model_files::ModelFolder> folder;

  /// How it computes on the rank with this number on its node.
  models::Execution execution_on(int node_rank, std::function<void()> between_batches) const;
  /// "cuda" when it computes on a GPU of this machine.
  std::string device() const;
  /// Brings the weights into the machine's memory.
  void prefetch() const;
  std::vector<std::filesystem::path> files() const;
  /// Makes of a job's options what its results depend on: they hang on what the model's files hold and on the
  /// precision, not on the model's name.
  pipeline::Node result_options(pipeline::Node options) const;
};

/// What a job's option 'model' (or `key`) names. Opens the folder, and of the weights what says whether they are whole.
/// Throws ConfigError at the option when there is no such model, and at the model's path for what is wrong with its
/// folder.
ChosenModel choose_model(const std::string& job, const std::string& name, const pipeline::Node& where,
                         const pipeline::JobSetup& setup, const std::string& key = "model");

/// Throws ConfigError at the job's option `model` where its folder holds an encoder.
void check_causal(const std::string& job, const model_files::ModelFolder& folder, const pipeline::Node& where);

/// What a job's option `max_tokens` comes to with this folder. Throws ConfigError when it is below `least`, or more
/// than the model has positions for.
std::uint64_t resolve_max_tokens(const std::string& job, const std::optional<std::uint64_t>& max_tokens,
                                 std::uint64_t least, const model_files::ModelFolder& folder,
                                 const pipeline::Node& where);

/// What a job's option `batch_tokens` comes to as models::Execution has it. Throws ConfigError.
std::int64_t resolve_batch_tokens(const std::string& job, const std::optional<std::uint64_t>& batch_tokens,
                                  const pipeline::Node& where);

}  // namespace farpoint::jobs
