// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/contamination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "farpoint/base/error.hpp"
#include "farpoint/text/folded_words.hpp"
#include "sorted_hashes.hpp"

namespace farpoint::dedup {

namespace {

constexpr std::uint64_t base = 0x9e3779b97f4a7c15ULL;

/// Hashes of rows of words as differences of those of the text's beginnings: polynomials of the words' hashes modulo
/// 2^64. These are spread evenly, so that the rows' are too, in their high bits.
class Rows {
 public:
  explicit Rows(std::string_view utf8) {
    constexpr std::size_t bytes_a_word = 6;
    prefixes_.reserve(utf8.size() / bytes_a_word + 1);
    prefixes_.push_back(0);
    text::append_folded_words(utf8, prefixes_);
    for (std::size_t i = 1; i < prefixes_.size(); ++i) prefixes_[i] += prefixes_[i - 1] * base;
  }

  std::size_t words() const { return prefixes_.size() - 1; }
  /// `factor`: base to the power of `length`.
  std::uint64_t hash(std::size_t begin, std::size_t length, std::uint64_t factor) const {
    return prefixes_[begin + length] - prefixes_[begin] * factor;
  }

 private:
  std::vector<std::uint64_t> prefixes_;  ///< of the words before the i-th
};

std::uint64_t factor_of(std::size_t length) {
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i < length; ++i) factor *= base;
  return factor;
}

void check(const ContaminationOptions& options) {
  if (options.min_words >= 1 && options.min_words <= options.ngram) return;
  throw UsageError(fmt::format("n-grams of {} words, texts of at least {}: the second must be from 1 to the first",
                               options.ngram, options.min_words));
}

}  // namespace

struct EvaluationNgrams::State {
  struct Ngram {
    std::uint64_t hash;
    std::uint32_t item;
    auto operator<=>(const Ngram&) const = default;
  };
  struct Length {
    std::size_t words;
    std::uint64_t factor;
  };

  void prepare_lookup() {
    lookup = SortedHashes(hashes);
    for (const std::uint32_t length : lengths) factors.push_back({length, factor_of(length)});
    finished = true;
  }

  ContaminationOptions options;
  std::vector<Ngram> collected;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> items;
  std::vector<std::uint32_t> lengths;
  std::vector<Length> factors;  ///< of these lengths
  SortedHashes lookup;
  std::uint64_t left_out = 0;
  bool finished = false;
};

EvaluationNgrams::EvaluationNgrams(const ContaminationOptions& options) : state_(std::make_unique<State>()) {
  check(options);
  state_->options = options;
}

EvaluationNgrams::EvaluationNgrams(const ContaminationOptions& options, std::vector<std::uint64_t> hashes,
                                   std::vector<std::uint32_t> items, std::vector<std::uint32_t> lengths)
    : EvaluationNgrams(options) {
  if (hashes.size() != items.size()) throw Error(fmt::format("{} n-grams of {} items", hashes.size(), items.size()));
  if (std::ranges::adjacent_find(hashes, std::greater_equal()) != hashes.end()) {
    throw Error("hashes of n-grams are not in ascending order");
  }
  for (const std::uint32_t length : lengths) {
    if (length >= options.min_words && length <= options.ngram) continue;
    throw Error(
        fmt::format("n-grams of {} words, where {} to {} are expected", length, options.min_words, options.ngram));
  }
  std::ranges::sort(lengths, std::greater());
  state_->hashes = std::move(hashes);
  state_->items = std::move(items);
  state_->lengths = std::move(lengths);
  state_->prepare_lookup();
}

EvaluationNgrams::~EvaluationNgrams() = default;
EvaluationNgrams::EvaluationNgrams(EvaluationNgrams&&) noexcept = default;
EvaluationNgrams& EvaluationNgrams::operator=(EvaluationNgrams&&) noexcept = default;

void EvaluationNgrams::add(std::string_view utf8, std::uint32_t item) {
  if (state_->finished) throw std::logic_error("an evaluation text after finish()");
  const Rows rows(utf8);
  if (rows.words() < state_->options.min_words) {
    ++state_->left_out;
    return;
  }
  const std::size_t length = std::min(rows.words(), state_->options.ngram);
  const std::uint64_t factor = factor_of(length);
  for (std::size_t begin = 0; begin + length <= rows.words(); ++begin) {
    state_->collected.push_back({rows.hash(begin, length, factor), item});
  }
  const auto words = static_cast<std::uint32_t>(length);
  if (std::ranges::find(state_->lengths, words) == state_->lengths.end()) state_->lengths.push_back(words);
}

void EvaluationNgrams::finish() {
  if (state_->finished) throw std::logic_error("finish() twice");
  auto& collected = state_->collected;
  std::ranges::sort(collected);
  for (const State::Ngram& ngram : collected) {
    if (!state_->hashes.empty() && state_->hashes.back() == ngram.hash) continue;
    state_->hashes.push_back(ngram.hash);
    state_->items.push_back(ngram.item);
  }
  collected = {};
  std::ranges::sort(state_->lengths, std::greater());
  state_->prepare_lookup();
}

EvaluationNgrams::Overlap EvaluationNgrams::overlap(std::string_view utf8) const {
  if (!state_->finished) throw std::logic_error("overlap() before finish()");
  const Rows rows(utf8);
  Overlap overlap{rows.words()};
  std::size_t covered_end = 0;
  const std::size_t shortest = state_->lengths.empty() ? rows.words() + 1 : state_->lengths.back();
  for (std::size_t begin = 0; begin + shortest <= rows.words(); ++begin) {
    for (const auto& [words, factor] : state_->factors) {
      if (begin + words > rows.words()) continue;
      const std::size_t found = state_->lookup.find(rows.hash(begin, words, factor));
      if (found == SortedHashes::none) continue;
      if (overlap.item == no_item) overlap.item = state_->items[found];
      const std::size_t end = begin + words;
      if (end > covered_end) overlap.covered += end - std::max(begin, covered_end);
      covered_end = std::max(covered_end, end);
      break;  // shorter ones cover nothing more
    }
  }
  return overlap;
}

std::uint64_t EvaluationNgrams::ngrams() const {
  return state_->hashes.size();
}
std::uint64_t EvaluationNgrams::left_out() const {
  return state_->left_out;
}
std::span<const std::uint64_t> EvaluationNgrams::hashes() const {
  return state_->hashes;
}
std::span<const std::uint32_t> EvaluationNgrams::items() const {
  return state_->items;
}
std::span<const std::uint32_t> EvaluationNgrams::lengths() const {
  return state_->finished ? std::span<const std::uint32_t>(state_->lengths) : std::span<const std::uint32_t>();
}

}  // namespace farpoint::dedup
