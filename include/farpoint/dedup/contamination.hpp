// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::dedup {

struct ContaminationOptions {
  std::size_t ngram = 13;  ///< words of an n-gram
  /// An evaluation text of fewer than `ngram` words counts as one n-gram if it has at least so many; shorter ones are
  /// left out.
  std::size_t min_words = 8;
};

/// The n-grams of evaluation sets, and what a text shares with them: Brown et al. 2020, "Language Models are Few-Shot
/// Learners", appendix C. Words are those of the built-in embedding (text/folded_words.hpp): case, punctuation and
/// white space make no difference; characters of scripts written without spaces are words of their own.
///
/// N-grams are compared by 64-bit hashes: a trillion words against a million n-grams give one false match in every
/// twenty runs or so. Hashes are the same on every machine, given the same version of Unicode's tables (ICU).
class EvaluationNgrams {
 public:
  static constexpr std::uint64_t no_item = ~std::uint64_t{0};

  /// Throws UsageError unless 1 <= min_words <= ngram.
  explicit EvaluationNgrams(const ContaminationOptions& options);

  /// From the arrays of another one, e.g. of another rank or from a file. Throws Error if sizes differ, hashes are not
  /// ascending, or a length is not of these options.
  EvaluationNgrams(const ContaminationOptions& options, std::vector<std::uint64_t> hashes,
                   std::vector<std::uint32_t> items, std::vector<std::uint32_t> lengths);

  ~EvaluationNgrams();
  EvaluationNgrams(EvaluationNgrams&&) noexcept;
  EvaluationNgrams& operator=(EvaluationNgrams&&) noexcept;

  /// An evaluation text of item `item`, which may have several. Before finish(): throws std::logic_error afterwards.
  void add(std::string_view utf8, std::uint32_t item);
  /// Sorts. Afterwards const functions are thread-safe.
  void finish();

  struct Overlap {
    std::uint64_t words = 0;
    std::uint64_t covered = 0;     ///< words of the text that lie in a matching n-gram
    std::uint64_t item = no_item;  ///< of the match that begins first, and is longest of those; the lowest that has it
  };
  /// After finish(): throws std::logic_error before. Linear in the bytes, for each length that n-grams have.
  Overlap overlap(std::string_view utf8) const;

  /// Different n-grams. 0 before finish().
  std::uint64_t ngrams() const;
  /// Texts that were too short.
  std::uint64_t left_out() const;

  /// Arrays for keeping and sending; empty before finish(). hashes: [ngrams()], ascending; items: [ngrams()], the
  /// lowest one that has the n-gram; lengths: how many words n-grams have, descending.
  std::span<const std::uint64_t> hashes() const;
  std::span<const std::uint32_t> items() const;
  std::span<const std::uint32_t> lengths() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace farpoint::dedup
