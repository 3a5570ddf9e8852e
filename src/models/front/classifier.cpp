// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/classifier.hpp"

#include "model_library.hpp"

namespace farpoint::models {

Classifier::Classifier(const std::filesystem::path& folder, const ClassifierOptions& options)
    : implementation_(model_library().classifier(folder, options)) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;

const std::vector<std::string>& Classifier::labels() const {
  return implementation_->labels();
}

model_files::ProblemType Classifier::problem() const {
  return implementation_->problem();
}

std::int64_t Classifier::max_tokens() const {
  return implementation_->max_tokens();
}

const tokenizer::Tokenizer& Classifier::tokenizer() const {
  return implementation_->tokenizer();
}

Classification Classifier::classify(const tokenizer::TokenLists& texts) const {
  return implementation_->classify(texts);
}

}  // namespace farpoint::models
