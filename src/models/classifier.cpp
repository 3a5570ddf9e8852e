// SPDX-License-Identifier: Apache-2.0
#include "classification_head.hpp"
#include "loaded_model.hpp"
#include "whole_models.hpp"

namespace farpoint::models {

namespace {

class LoadedClassifier final : public Classifier::Implementation {
 public:
  LoadedClassifier(const model_files::ModelFolder& folder, const ClassifierOptions& options)
      : model_(folder, options.execution, options.max_tokens,
               [&](Parameters& parameters) { head_ = make_classification_head(folder.config, parameters); }) {}

  const std::vector<std::string>& labels() const override { return model_.folder.config.labels; }
  model_files::ProblemType problem() const override { return model_.folder.config.problem; }
  std::int64_t max_tokens() const override { return model_.max_tokens; }
  const tokenizer::Tokenizer& tokenizer() const override { return model_.tokenizer; }

  Classification classify(const tokenizer::TokenLists& texts) const override {
    const auto width = static_cast<std::int64_t>(labels().size());
    auto rows = map_distinct_texts(model_, texts, width, [&](const PackedBatch& batch) {
      return head_->logits(model_.backbone->hidden(batch), batch).to(at::kFloat);
    });
    return {std::move(rows.rows), std::move(rows.failed)};
  }

 private:
  std::unique_ptr<ClassificationHead> head_;  // taken while the model is loaded
  LoadedModel model_;
};

}  // namespace

std::unique_ptr<Classifier::Implementation> make_classifier(const std::filesystem::path& folder,
                                                            const ClassifierOptions& options) {
  return std::make_unique<LoadedClassifier>(model_files::open_model_folder(folder), options);
}

}  // namespace farpoint::models
