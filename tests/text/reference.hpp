// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/text/hashed_tfidf.hpp"

namespace farpoint::text::reference {

/// The obvious way to the same bits: tokens as strings, a map of counts, a dense matrix.

std::vector<std::u32string> tokens(std::string_view utf8);
/// The buckets of all features, with repetition, in the order of the text.
std::vector<std::uint64_t> features(std::string_view utf8, std::size_t buckets);
/// The buckets of all words and rows of up to n words, with repetition: at each word those that end with it, the
/// shortest first.
std::vector<std::uint64_t> ngrams(std::string_view utf8, std::size_t buckets, std::size_t n);
std::vector<std::uint64_t> document_counts(const std::vector<std::string>& texts, const HashedTfidfOptions& options);
std::vector<float> embedding(std::string_view utf8, const std::vector<float>& weights,
                             const HashedTfidfOptions& options);

}  // namespace farpoint::text::reference
