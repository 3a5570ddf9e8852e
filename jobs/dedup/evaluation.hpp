// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/evaluation.hpp: the passages of evaluation sets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "farpoint/corpus/source.hpp"
#include "farpoint/dedup/contamination.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// Evaluation sets, ready to be compared with.
struct EvaluationSets {
  std::unique_ptr<dedup::EvaluationNgrams> ngrams;
  std::vector<std::string> places;  ///< of each item: "gsm8k_test.jsonl:17"
};

/// The files of the sources, relative to `base`. Throws UsageError as corpus::resolve() does.
std::vector<corpus::InputFile> evaluation_files(const DecontaminateOptions& options, const std::filesystem::path& base);

/// Reads all of them: every text that any schema has. Throws Error naming file and line for what is no record.
EvaluationSets read_evaluation_sets(const DecontaminateOptions& options, const std::vector<corpus::InputFile>& files);

}  // namespace farpoint::jobs
