// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/classifier.hpp"

#include "classification_head.hpp"
#include "loaded_model.hpp"

namespace farpoint::models {

struct Classifier::Implementation {
  std::unique_ptr<ClassificationHead> head;  // taken while the model is loaded
  LoadedModel model;

  Implementation(const model_files::ModelFolder& folder, const ClassifierOptions& options)
      : model(folder, options.execution, options.max_tokens,
              [&](Parameters& parameters) { head = make_classification_head(folder.config, parameters); }) {}
};

Classifier::Classifier(const std::filesystem::path& folder, const ClassifierOptions& options)
    : implementation_(std::make_unique<Implementation>(model_files::open_model_folder(folder), options)) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;

const std::vector<std::string>& Classifier::labels() const {
  return implementation_->model.folder.config.labels;
}

model_files::ProblemType Classifier::problem() const {
  return implementation_->model.folder.config.problem;
}

std::int64_t Classifier::max_tokens() const {
  return implementation_->model.max_tokens;
}

const tokenizer::Tokenizer& Classifier::tokenizer() const {
  return implementation_->model.tokenizer;
}

Classification Classifier::classify(const tokenizer::TokenLists& texts) const {
  const auto& of = *implementation_;
  const auto width = static_cast<std::int64_t>(labels().size());
  auto rows = map_distinct_texts(of.model, texts, width, [&](const PackedBatch& batch) {
    return of.head->logits(of.model.backbone->hidden(batch), batch).to(at::kFloat);
  });
  return {std::move(rows.rows), std::move(rows.failed)};
}

}  // namespace farpoint::models
