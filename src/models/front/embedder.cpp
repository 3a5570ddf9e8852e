// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/embedder.hpp"

#include "model_library.hpp"

namespace farpoint::models {

Embedder::Embedder(const std::filesystem::path& folder, const EmbedderOptions& options)
    : implementation_(model_library().embedder(folder, options)) {}
Embedder::~Embedder() = default;
Embedder::Embedder(Embedder&&) noexcept = default;

std::int64_t Embedder::dimension() const {
  return implementation_->dimension();
}

std::int64_t Embedder::max_tokens() const {
  return implementation_->max_tokens();
}

tokenizer::TokenLists Embedder::tokenize(std::span<const std::string_view> texts) const {
  return implementation_->tokenize(texts);
}

Embeddings Embedder::embed(const tokenizer::TokenLists& texts) const {
  return implementation_->embed(texts);
}

Embeddings Embedder::embed(std::span<const std::string_view> texts) const {
  return implementation_->embed(texts);
}

}  // namespace farpoint::models
