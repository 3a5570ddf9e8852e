// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/language_model.hpp"

#include "model_library.hpp"

namespace farpoint::models {

LanguageModel::LanguageModel(const std::filesystem::path& folder, const LanguageModelOptions& options)
    : implementation_(model_library().language_model(folder, options)) {}
LanguageModel::~LanguageModel() = default;
LanguageModel::LanguageModel(LanguageModel&&) noexcept = default;

const tokenizer::Tokenizer& LanguageModel::tokenizer() const {
  return implementation_->tokenizer();
}

std::int64_t LanguageModel::max_tokens() const {
  return implementation_->max_tokens();
}

std::vector<Likelihood> LanguageModel::score(std::span<const ScoredSequence> sequences) const {
  return implementation_->score(sequences);
}

std::vector<Likelihood> LanguageModel::score_spans(std::span<const SpannedSequence> sequences) const {
  return implementation_->score_spans(sequences);
}

std::vector<Likelihood> LanguageModel::score_branches(std::span<const Branches> branches) const {
  return implementation_->score_branches(branches);
}

std::vector<std::optional<std::vector<std::uint32_t>>> LanguageModel::generate(std::span<const Prompt> prompts,
                                                                               const GenerationOptions& options) const {
  return implementation_->generate(prompts, options);
}

}  // namespace farpoint::models
