// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "farpoint/clean/pattern_set.hpp"

namespace farpoint::clean {

/// RE2's options for all patterns. `memory`: bytes for the program and the states of an automaton, which are made as
/// texts need them.
re2::RE2::Options expression_options(std::int64_t memory);

inline re2::StringPiece as_piece(std::string_view text) {
  return {text.data(), text.size()};
}

/// Some of `patterns` as one automaton, and, only once it or a text needs more memory than it may have, its two halves.
class ExpressionSet {
 public:
  /// `indices`: ascending, of valid patterns; `patterns` must outlive this.
  ExpressionSet(const std::vector<Pattern>& patterns, std::vector<std::size_t> indices, std::int64_t memory);

  /// The lowest of the indices whose pattern matches. Thread-safe.
  std::optional<std::size_t> first_match(std::string_view utf8) const;

 private:
  std::optional<std::size_t> first_match_of_halves(std::string_view utf8) const;

  const std::vector<Pattern>& patterns_;
  std::vector<std::size_t> indices_;
  std::int64_t memory_;
  std::unique_ptr<const re2::RE2> single_;    ///< of one pattern
  std::unique_ptr<const re2::RE2::Set> set_;  ///< of more, if it could be compiled
  mutable std::once_flag halves_made_;
  mutable std::unique_ptr<const ExpressionSet> lower_;
  mutable std::unique_ptr<const ExpressionSet> upper_;
};

}  // namespace farpoint::clean
