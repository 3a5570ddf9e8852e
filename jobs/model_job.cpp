// SPDX-License-Identifier: Apache-2.0
#include "model_job.hpp"

#include <algorithm>

#include "farpoint/base/log.hpp"

namespace farpoint::jobs {

using namespace pipeline;

ModelJob::ModelJob(std::string job, const std::string& model, const std::optional<std::uint64_t>& batch_tokens,
                   const Node& where, const JobSetup& setup)
    : job_(std::move(job)), model_(choose_model(job_, model, where, setup)) {
  model_.execution.batch_tokens = resolve_batch_tokens(job_, batch_tokens, where);
}

Need ModelJob::estimate(const Workload& work) const {
  auto need = usual_need(*this, work);
  need.core_seconds = 0;  // the tokenizer's time is little beside the model's
  add_model(model_, sampled_texts(work), work, need);
  return need;
}

ModelTexts ModelJob::sampled_texts(const Workload& work) const {
  return {work.texts(corpus::TextView::full), 1, {}, false};
}

ModelTexts LanguageModelJob::sampled_texts(const Workload& work) const {
  return {work.texts(corpus::TextView::full), 1, {}, true};
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
  return model_.execution_on(node_rank, between_batches());
}

double ModelJob::cost_in_windows(double bytes, std::uint64_t window, bool cut) const {
  constexpr double bytes_of_token = 4;
  const double longest = static_cast<double>(window);
  const double tokens = cut ? std::min(bytes / bytes_of_token, longest) : bytes / bytes_of_token;
  if (!model_.folder) return tokens;
  // Of a layer: 24 h^2 operations a token for the projections and 4 h for each other token that it attends to (Kaplan
  // et al. 2020, "Scaling Laws for Neural Language Models", table 1).
  const double hidden = static_cast<double>(std::max<std::int64_t>(model_.folder->config.hidden_size, 1));
  return tokens * (1 + std::min(tokens, longest) / (6 * hidden));
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
