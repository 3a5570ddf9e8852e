// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/models/classifier.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/models/fine_tuner.hpp"
#include "farpoint/models/language_model.hpp"

/// What the models' library derives from: the functions of the public classes, which hand their calls on.
namespace farpoint::models {

struct Classifier::Implementation {
  virtual ~Implementation() = default;
  virtual const std::vector<std::string>& labels() const = 0;
  virtual model_files::ProblemType problem() const = 0;
  virtual std::int64_t max_tokens() const = 0;
  virtual const tokenizer::Tokenizer& tokenizer() const = 0;
  virtual Classification classify(const tokenizer::TokenLists& texts) const = 0;
};

struct Embedder::Implementation {
  virtual ~Implementation() = default;
  virtual std::int64_t dimension() const = 0;
  virtual std::int64_t max_tokens() const = 0;
  virtual tokenizer::TokenLists tokenize(std::span<const std::string_view> texts) const = 0;
  virtual Embeddings embed(const tokenizer::TokenLists& texts) const = 0;
  virtual Embeddings embed(std::span<const std::string_view> texts) const = 0;
};

struct FineTuner::Implementation {
  virtual ~Implementation() = default;
  virtual const tokenizer::Tokenizer& tokenizer() const = 0;
  virtual std::int64_t max_tokens() const = 0;
  virtual std::uint64_t step() const = 0;
  virtual std::uint64_t steps() const = 0;
  virtual const std::vector<double>& losses() const = 0;
  virtual double train(comm::Communicator& comm, std::span<const MicroBatch> mine) = 0;
  virtual Classification classify(const tokenizer::TokenLists& texts) const = 0;
  virtual void save_state(const std::filesystem::path& file, std::string_view fingerprint) const = 0;
  virtual bool load_state(const std::filesystem::path& file, std::string_view fingerprint) = 0;
  virtual void save_folder(const std::filesystem::path& folder) const = 0;
};

struct LanguageModel::Implementation {
  virtual ~Implementation() = default;
  virtual const tokenizer::Tokenizer& tokenizer() const = 0;
  virtual std::int64_t max_tokens() const = 0;
  virtual std::vector<Likelihood> score(std::span<const ScoredSequence> sequences) const = 0;
  virtual std::vector<Likelihood> score_spans(std::span<const SpannedSequence> sequences) const = 0;
  virtual std::vector<Likelihood> score_branches(std::span<const Branches> branches) const = 0;
  virtual std::vector<std::optional<std::vector<std::uint32_t>>> generate(std::span<const Prompt> prompts,
                                                                          const GenerationOptions& options) const = 0;
};

}  // namespace farpoint::models
