// SPDX-License-Identifier: Apache-2.0
#include "feature_bag.hpp"

#include <fmt/format.h>

#include <bit>

#include "farpoint/base/error.hpp"
#include "features.hpp"

namespace farpoint::text {

namespace {

constexpr std::size_t most_buckets = std::size_t{1} << 31;

/// The high bits of a hash are its bucket.
unsigned shift_to(std::size_t buckets) {
  FeatureBag::check_bucket_count(buckets);
  return 64U - static_cast<unsigned>(std::countr_zero(buckets));
}

}  // namespace

void FeatureBag::check_bucket_count(std::size_t buckets) {
  if (buckets >= 2 && buckets <= most_buckets && std::has_single_bit(buckets)) return;
  throw UsageError(fmt::format("{} buckets for hashed features: the number must be a power of two from 2 to {}",
                               buckets, most_buckets));
}

// One entry more than there are buckets, for the feature that is written and not kept.
FeatureBag::FeatureBag(std::size_t buckets) : shift_(shift_to(buckets)), occurrences_(buckets), found_(buckets + 1) {}

void FeatureBag::fill(std::string_view utf8) {
  clear();
  for_each_feature(utf8, [this](std::uint64_t hash) { add(static_cast<std::uint32_t>(hash >> shift_)); });
}

void FeatureBag::clear() {
  for (const std::uint32_t bucket : buckets()) occurrences_[bucket] = 0;
  size_ = 0;
}

}  // namespace farpoint::text
