// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/runner.hpp"

namespace farpoint::cli {

/// The files of the corpus, and those that jobs read besides.
std::vector<std::filesystem::path> inputs_of(const pipeline::CorpusFiles& corpus, const pipeline::Plan& plan);

/// The same for a run that has been: those of its corpus that are still there.
std::vector<std::filesystem::path> remaining_inputs(const pipeline::Config& config);

/// Throws UsageError when writing `output` would replace one of the inputs, by whatever name.
void check_spares_inputs(const std::filesystem::path& output, const std::vector<std::filesystem::path>& inputs);

}  // namespace farpoint::cli
