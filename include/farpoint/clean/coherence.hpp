// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "farpoint/text/hashed_tfidf.hpp"

namespace farpoint::clean {

/// How much each sentence has to do with the one before it: the mean cosine of the built-in vectors of neighbouring
/// sentences (Foltz, Kintsch & Landauer 1998, "The measurement of textual coherence with latent semantic analysis",
/// with hashed TF-IDF vectors in place of LSA's). Sentences without a vector, such as "---", are passed over.
class Coherence {
 public:
  /// Later sentences are not read, so that the cost of a book is that of a page.
  static constexpr std::size_t most_sentences = 200;

  /// `idf`: [options.buckets], as from text::inverse_document_frequencies; empty for equal weights. Throws UsageError
  /// for options out of range, Error for weights of another number.
  explicit Coherence(std::vector<float> idf, const text::HashedTfidfOptions& options = {});
  ~Coherence();
  Coherence(Coherence&&) noexcept;

  /// From about 0 to 1; NaN where fewer than two sentences have a vector. Thread-safe; each thread keeps the work space
  /// of HashedTfidf::embed. The same bits on every rank, given the same weights.
  double operator()(std::string_view utf8) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::clean
