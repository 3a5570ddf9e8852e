// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// The first part of the built-in embedding: no model, no download. Words, pairs of words and the beginnings of words
/// are hashed to `buckets` features, weighted by TF-IDF and projected by a signed random projection to `dimension`
/// numbers; half_whitening() (whitening.hpp) then makes fewer and better ones of them. English and Chinese first; other
/// scripts work too (docs/built-in-vectors.md). The same text gives the same bits on any rank, given the same
/// weights, and the same version of Unicode's tables (ICU).
struct HashedTfidfOptions {
  std::size_t dimension = 768;     ///< from 8 to 32768
  std::size_t buckets = 1U << 18;  ///< a power of two, from 2 to 2^31
  std::uint64_t seed = 17;
};

/// In how many texts each feature occurs. Counts are integers, so adding the counts of several ranks is exact.
class DocumentFrequencies {
 public:
  /// Takes 16 bytes a bucket. Throws UsageError for options out of range.
  explicit DocumentFrequencies(const HashedTfidfOptions& options);
  ~DocumentFrequencies();
  DocumentFrequencies(DocumentFrequencies&&) noexcept;
  /// Not thread-safe. Costs about half as much as embedding the text.
  void add(std::string_view utf8);
  std::uint64_t documents() const;
  std::span<const std::uint64_t> counts() const;  ///< [buckets]

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The weight of each feature, (ln((N + 2) / (n + 1)) * s)^2 with s = (n + 1) / (n + 1 + 0.002 (N + 1)), for N
/// documents of which n <= N have the feature: the inverse document frequency, damped where too few share the feature
/// for it to tell what kind of text this is. Always positive. Uses the mathematics library, whose last bits differ
/// between machines: compute it on one rank and share it.
std::vector<float> inverse_document_frequencies(std::uint64_t documents, std::span<const std::uint64_t> counts);

class HashedTfidf {
 public:
  /// `idf` as from inverse_document_frequencies, [buckets]. Throws UsageError for options out of range.
  HashedTfidf(const HashedTfidfOptions& options, std::vector<float> idf);
  ~HashedTfidf();
  HashedTfidf(HashedTfidf&&) noexcept;
  /// Writes the [dimension] numbers of `utf8`, not normalised; all zero when the text has no feature, such as an empty
  /// one. Bytes that are not UTF-8 separate words. Thread-safe: each thread keeps a work space of 8 bytes a bucket.
  void embed(std::string_view utf8, std::span<float> row) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::text
