// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/hashed_tfidf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>

#include "farpoint/base/error.hpp"
#include "feature_bag.hpp"
#include "sparse_projection.hpp"

namespace farpoint::text {

namespace {

/// Each thread keeps its bag from text to text, as a megabyte is too much to get and clear for each.
FeatureBag& bag_of_this_thread(std::size_t buckets) {
  thread_local std::optional<FeatureBag> bag;
  if (!bag || bag->bucket_count() != buckets) bag.emplace(buckets);
  return *bag;
}

std::vector<float> checked(std::vector<float> weights, std::size_t buckets) {
  FeatureBag::check_bucket_count(buckets);
  if (weights.size() == buckets) return weights;
  throw Error(fmt::format("{} weights for {} buckets: take those that inverse_document_frequencies makes of all counts",
                          weights.size(), buckets));
}

}  // namespace

struct HashedTfidf::Implementation {
  std::vector<float> weights;
  SparseProjection projection;
};

HashedTfidf::HashedTfidf(const HashedTfidfOptions& options, std::vector<float> idf)
    : implementation_(std::make_unique<Implementation>(
          Implementation{checked(std::move(idf), options.buckets),
                         SparseProjection(options.dimension, options.buckets, options.seed)})) {}

HashedTfidf::~HashedTfidf() = default;
HashedTfidf::HashedTfidf(HashedTfidf&&) noexcept = default;

void HashedTfidf::embed(std::string_view utf8, std::span<float> row) const {
  const auto& [weights, projection] = *implementation_;
  assert(row.size() == projection.dimension());
  FeatureBag& bag = bag_of_this_thread(weights.size());
  bag.fill(utf8);
  std::fill(row.begin(), row.end(), 0.0F);
  // The order of the sums, hence their rounding, is the order of first occurrence: a function of the text alone. Square
  // roots round exactly, as logarithms do not, so that every machine gets the same bits.
  const auto buckets = bag.buckets();
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const std::uint32_t bucket = buckets[i];
    // The tables are larger than the second-level cache, and features come in no order that a processor could guess.
    const std::uint32_t later = buckets[std::min(i + 16, buckets.size() - 1)];
    projection.prefetch(later);
    __builtin_prefetch(&weights[later]);
    const float damped = std::sqrt(static_cast<float>(bag.occurrences(bucket)));
    projection.add(bucket, damped * weights[bucket], row);
  }
}

}  // namespace farpoint::text
