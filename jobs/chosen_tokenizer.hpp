// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::jobs {

/// The tokenizer of an entry of `models`, for jobs that need nothing else of the model.
struct ChosenTokenizer {
  std::filesystem::path file;  ///< tokenizer.json
  /// Unset when a finished run is only read: the file may be gone by then.
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer;
};

/// What the option `key` of a job names. Throws ConfigError at the option when there is no such model, or no tokenizer
/// in its folder.
ChosenTokenizer choose_tokenizer(const std::string& job, const std::string& name, const pipeline::Node& where,
                                 const pipeline::JobSetup& setup, const std::string& key = "tokenizer");

}  // namespace farpoint::jobs
