// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::cli {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(const pipeline::CorpusFiles& corpus, const pipeline::Plan& plan) {
  std::vector<fs::path> inputs;
  for (const auto& files : corpus) {
    for (const auto& file : files) inputs.push_back(file.path);
  }
  for (const auto* planned : plan.jobs()) {
    const auto* job = planned->shard_job();
    if (job == nullptr) continue;
    for (const auto& file : job->files()) inputs.push_back(file.path);
    for (const auto& file : job->model_files()) inputs.push_back(file);
  }
  return inputs;
}

std::vector<fs::path> remaining_inputs(const pipeline::Config& config) {
  std::vector<fs::path> inputs;
  for (const auto population : pipeline::populations) {
    for (const auto& spec : pipeline::sources_of(config.corpus, population)) {
      try {
        for (const auto& file : corpus::resolve(std::array{spec}, config.folder)) inputs.push_back(file.path);
      } catch (const Error&) {
        // What is gone cannot be replaced.
      }
    }
  }
  return inputs;
}

void check_spares_inputs(const fs::path& output, const std::vector<fs::path>& inputs) {
  const auto target = target_of(output);
  if (!fs::exists(target)) return;
  for (const auto& input : inputs) {
    std::error_code ignored;
    if (!fs::equivalent(target, input, ignored)) continue;
    throw UsageError(fmt::format("writing {} would replace {}, which is read; choose another name", output.string(),
                                 input.string()));
  }
}

}  // namespace farpoint::cli
