// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/hashed_tfidf.hpp"

#include <cmath>

#include "feature_bag.hpp"

namespace farpoint::text {

struct DocumentFrequencies::Implementation {
  FeatureBag bag;
  std::uint64_t documents = 0;
  std::vector<std::uint64_t> counts;
};

DocumentFrequencies::DocumentFrequencies(const HashedTfidfOptions& options)
    : implementation_(std::make_unique<Implementation>(
          Implementation{FeatureBag(options.buckets), 0, std::vector<std::uint64_t>(options.buckets)})) {}

DocumentFrequencies::~DocumentFrequencies() = default;
DocumentFrequencies::DocumentFrequencies(DocumentFrequencies&&) noexcept = default;

void DocumentFrequencies::add(std::string_view utf8) {
  FeatureBag& bag = implementation_->bag;
  bag.fill(utf8);
  for (const std::uint32_t bucket : bag.buckets()) ++implementation_->counts[bucket];
  ++implementation_->documents;
}

std::uint64_t DocumentFrequencies::documents() const {
  return implementation_->documents;
}

std::span<const std::uint64_t> DocumentFrequencies::counts() const {
  return implementation_->counts;
}

std::vector<float> inverse_document_frequencies(std::uint64_t documents, std::span<const std::uint64_t> counts) {
  constexpr double share_that_relates = 0.002;
  const double all = static_cast<double>(documents) + 1;
  std::vector<float> weights;
  weights.reserve(counts.size());
  for (const std::uint64_t count : counts) {
    const double having = static_cast<double>(count) + 1;
    const double rarity = std::log((all + 1) / having);
    const double support = having / (having + share_that_relates * all);
    weights.push_back(static_cast<float>(rarity * support * rarity * support));
  }
  return weights;
}

}  // namespace farpoint::text
