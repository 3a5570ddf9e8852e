// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/model_files/model_config.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::models {

struct ClassifierOptions {
  std::optional<std::int64_t> max_tokens;  ///< of a text or pair, special ones included; unset: what the folder says
  Execution execution;
};

struct Classification {
  std::vector<float> logits;          ///< [texts, labels], row-major, raw; NaN where there are none
  std::vector<std::uint32_t> failed;  ///< the texts without logits, ascending: no token, or no memory even alone
};

/// A folder with a sequence-classification head: texts or pairs of texts to one number a label.
/// Several threads may use one, but each call takes all threads of parallel_for() anyway.
class Classifier {
 public:
  struct Implementation;  ///< what computes, in the library that is loaded for it

  /// Reads the weights. Throws UsageError for what is not supported (docs/models.md), and for folders without a head.
  Classifier(const std::filesystem::path& folder, const ClassifierOptions& options);
  ~Classifier();
  Classifier(Classifier&&) noexcept;

  const std::vector<std::string>& labels() const;
  model_files::ProblemType problem() const;
  std::int64_t max_tokens() const;
  /// For its encode() and encode_pairs(), with max_tokens().
  const tokenizer::Tokenizer& tokenizer() const;

  Classification classify(const tokenizer::TokenLists& texts) const;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::models
