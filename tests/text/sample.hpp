// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/text/hashed_tfidf.hpp"

namespace farpoint::text {

inline std::vector<float> weights_of(const std::vector<std::string>& texts, const HashedTfidfOptions& options) {
  DocumentFrequencies frequencies(options);
  for (const std::string& text : texts) frequencies.add(text);
  return inverse_document_frequencies(frequencies.documents(), frequencies.counts());
}

inline std::vector<float> embedded(const HashedTfidf& embedder, std::string_view text, std::size_t dimension) {
  // Not zero, so that what embed() leaves unwritten shows.
  std::vector<float> row(dimension, 1e9F);
  embedder.embed(text, row);
  return row;
}

inline double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0;
  double a_squared = 0;
  double b_squared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * double{b[i]};
    a_squared += double{a[i]} * double{a[i]};
    b_squared += double{b[i]} * double{b[i]};
  }
  return product / std::sqrt(a_squared * b_squared);
}

}  // namespace farpoint::text
