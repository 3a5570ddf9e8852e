// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// The distinct features of one text, with their numbers of occurrences. Takes eight bytes a bucket whatever the text's
/// length, and is meant to be filled again and again: clearing costs what the last text had.
class FeatureBag {
 public:
  /// Throws UsageError unless `buckets` is a power of two from 2 to 2^31.
  static void check_bucket_count(std::size_t buckets);

  /// Checks `buckets` too.
  explicit FeatureBag(std::size_t buckets);

  std::size_t bucket_count() const { return occurrences_.size(); }
  /// Replaces what the bag holds by the features of `utf8`.
  void fill(std::string_view utf8);
  /// In the order of first occurrence.
  std::span<const std::uint32_t> buckets() const { return std::span(found_).first(size_); }
  /// Stays at 2^32 - 1 where there are more.
  std::uint32_t occurrences(std::uint32_t bucket) const { return occurrences_[bucket]; }

 private:
  void clear();
  void add(std::uint32_t bucket) {
    std::uint32_t& occurrences = occurrences_[bucket];
    // Written in any case and kept if new: whether a feature is new is a coin toss, which a branch would mispredict.
    found_[size_] = bucket;
    size_ += occurrences == 0 ? 1 : 0;
    occurrences += occurrences == std::numeric_limits<std::uint32_t>::max() ? 0 : 1;
  }

  unsigned shift_;
  std::vector<std::uint32_t> occurrences_;
  std::vector<std::uint32_t> found_;
  std::size_t size_ = 0;
};

}  // namespace farpoint::text
