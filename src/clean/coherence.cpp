// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/coherence.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "farpoint/clean/sentences.hpp"

namespace farpoint::clean {

namespace {

std::vector<float> or_equal(std::vector<float> idf, std::size_t buckets) {
  if (idf.empty()) idf.assign(buckets, 1.0F);
  return idf;
}

/// In lanes, whose order of sums is fixed: the compiler may use vector registers, and the bits do not depend on which.
double inner_product(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += double{a[i + lane]} * double{b[i + lane]};
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

}  // namespace

struct Coherence::Implementation {
  std::size_t dimension;
  text::HashedTfidf embedder;
};

Coherence::Coherence(std::vector<float> idf, const text::HashedTfidfOptions& options)
    : implementation_(std::make_unique<Implementation>(
          Implementation{options.dimension, text::HashedTfidf(options, or_equal(std::move(idf), options.buckets))})) {}

Coherence::~Coherence() = default;
Coherence::Coherence(Coherence&&) noexcept = default;

double Coherence::operator()(std::string_view utf8) const {
  const auto& [dimension, embedder] = *implementation_;
  thread_local std::vector<float> before;
  thread_local std::vector<float> row;
  before.resize(dimension);
  row.resize(dimension);

  double squared_before = 0;  // 0: no sentence yet
  double sum = 0;
  std::size_t pairs = 0;
  for (const std::string_view sentence : sentences(utf8, most_sentences)) {
    embedder.embed(sentence, row);
    const double squared = inner_product(row, row);
    if (squared == 0) continue;
    if (squared_before > 0) {
      sum += inner_product(before, row) / std::sqrt(squared_before * squared);
      ++pairs;
    }
    squared_before = squared;
    before.swap(row);
  }
  return pairs == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(pairs);
}

}  // namespace farpoint::clean
