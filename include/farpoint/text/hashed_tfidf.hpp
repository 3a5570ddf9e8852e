// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::text {

/// The built-in embedding: no model, no download. Word and character n-grams of a text are hashed to `buckets`
/// features, weighted by TF-IDF and projected by a signed random projection to `dimension` numbers.
/// English and Chinese (docs/selection.md, "Built-in vectors"). The same text gives the same bits on any rank.
struct HashedTfidfOptions {
  std::size_t dimension = 384;
  std::size_t buckets = 1U << 18;  ///< a power of two
  std::uint64_t seed = 17;
};

/// In how many texts each feature occurs. Counts are integers, so adding the counts of several ranks is exact.
class DocumentFrequencies {
 public:
  explicit DocumentFrequencies(const HashedTfidfOptions& options);
  ~DocumentFrequencies();
  DocumentFrequencies(DocumentFrequencies&&) noexcept;
  /// Not thread-safe. Cost: about that of embedding the text.
  void add(std::string_view utf8);
  std::uint64_t documents() const;
  std::span<const std::uint64_t> counts() const;  ///< [buckets]

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// idf = ln((1 + documents) / (1 + count)) + 1, as in scikit-learn's smoothed form. Uses the mathematics library, whose
/// last bits differ between machines: compute it on one rank and share it.
std::vector<float> inverse_document_frequencies(std::uint64_t documents, std::span<const std::uint64_t> counts);

class HashedTfidf {
 public:
  /// `idf` as from inverse_document_frequencies, [buckets].
  HashedTfidf(const HashedTfidfOptions& options, std::vector<float> idf);
  ~HashedTfidf();
  HashedTfidf(HashedTfidf&&) noexcept;
  /// Writes the [dimension] numbers of `utf8` (valid UTF-8), not normalised; all zero when the text has no feature.
  /// Thread-safe: each thread has its own work space.
  void embed(std::string_view utf8, std::span<float> row) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::text
