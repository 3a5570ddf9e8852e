// SPDX-License-Identifier: Apache-2.0
#include "model_job.hpp"

#include "farpoint/base/log.hpp"

namespace farpoint::jobs {

using namespace pipeline;

ModelJob::ModelJob(std::string job, const std::string& model, const std::optional<std::uint64_t>& batch_tokens,
                   const Node& where, const JobSetup& setup)
    : job_(std::move(job)), model_(choose_model(job_, model, where, setup)) {
  model_.execution.batch_tokens = resolve_batch_tokens(job_, batch_tokens, where);
}

std::vector<ColumnSpec> ModelJob::number_columns(const std::string& as, const std::vector<std::string>& endings) {
  std::vector<ColumnSpec> columns;
  for (const auto& ending : endings) columns.push_back({as + ending, ColumnSpec::Kind::scalar, false, true, true});
  return columns;
}

Node ModelJob::resolved(Node options, bool results_only) const {
  return results_only ? model_.result_options(std::move(options)) : options;
}

models::Execution ModelJob::execution_on(int node_rank) const {
  auto execution = model_.execution;
  execution.node_rank = node_rank;
  return execution;
}

void ModelJob::tell_of_loading(const models::Execution& execution) const {
  log::info("{} {}: {} loaded on {}", job_, as(), model_.path.string(), models::describe(execution));
}

void LanguageModelJob::load_language_model(int node_rank, std::uint64_t max_tokens,
                                           const std::optional<std::uint64_t>& stride) {
  models::LanguageModelOptions options;
  options.max_tokens = static_cast<std::int64_t>(max_tokens);
  if (stride) options.stride = static_cast<std::int64_t>(*stride);
  options.execution = execution_on(node_rank);
  language_model_.emplace(model_.path, options);
  tell_of_loading(options.execution);
}

}  // namespace farpoint::jobs
