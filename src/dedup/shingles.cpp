// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/shingles.hpp"

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/text/white_space_words.hpp"
#include "mixed.hpp"

namespace farpoint::dedup {

namespace {

// A shingle is the sum of its words' hashes, the k-th times factor^k, modulo 2^64: one step to the right takes the
// first word away, divides by the factor, and adds the next word.
constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;

/// By Newton's iteration, each step of which doubles the number of right bits; three are right at first.
constexpr std::uint64_t inverse_of_odd(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (unsigned bits = 3; bits < 64; bits *= 2) inverse *= 2 - odd * inverse;
  return inverse;
}

constexpr std::uint64_t inverse_factor = inverse_of_odd(factor);
static_assert(factor * inverse_factor == 1);

std::uint64_t power(std::uint64_t base, std::size_t exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 == 1) result *= base;
  }
  return result;
}

}  // namespace

Shingler::Shingler(std::size_t n) : n_(n), last_factor_(power(factor, n - 1)) {
  if (n == 0) throw UsageError("shingles of 0 words: a shingle has at least one");
}

void Shingler::shingle_places(std::string_view utf8, std::vector<std::uint64_t>& shingles) const {
  shingles.clear();
  text::append_word_hashes(utf8, shingles);
  const std::size_t words = shingles.size();
  if (words == 0) return;
  const std::size_t first_words = std::min(n_, words);
  std::uint64_t sum = 0;
  for (std::size_t k = first_words; k-- > 0;) sum = sum * factor + shingles[k];

  // In place: a step needs no word before its own.
  const std::size_t places = words - first_words + 1;
  for (std::size_t i = 0; i + 1 < places; ++i) {
    const std::uint64_t first = shingles[i];
    shingles[i] = mixed(sum);
    sum = (sum - first) * inverse_factor + shingles[i + n_] * last_factor_;
  }
  shingles[places - 1] = mixed(sum);
  shingles.resize(places);
}

void Shingler::shingle(std::string_view utf8, std::vector<std::uint64_t>& sorted_distinct) const {
  shingle_places(utf8, sorted_distinct);
  std::sort(sorted_distinct.begin(), sorted_distinct.end());
  sorted_distinct.erase(std::unique(sorted_distinct.begin(), sorted_distinct.end()), sorted_distinct.end());
}

double jaccard(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  std::size_t shared = 0;
  // Without branches that the processor cannot foretell.
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::uint64_t x = a[i];
    const std::uint64_t y = b[j];
    shared += static_cast<std::size_t>(x == y);
    i += static_cast<std::size_t>(x <= y);
    j += static_cast<std::size_t>(y <= x);
  }
  const std::size_t either = a.size() + b.size() - shared;
  return either == 0 ? 0.0 : static_cast<double>(shared) / static_cast<double>(either);
}

}  // namespace farpoint::dedup
