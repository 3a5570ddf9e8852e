// SPDX-License-Identifier: Apache-2.0
#include "expression_set.hpp"

#include <algorithm>
#include <utility>

namespace farpoint::clean {

re2::RE2::Options expression_options(std::int64_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}

ExpressionSet::ExpressionSet(const std::vector<Pattern>& patterns, std::vector<std::size_t> indices,
                             std::int64_t memory)
    : patterns_(patterns), indices_(std::move(indices)), memory_(memory) {
  if (indices_.size() == 1) {
    // With the memory that the pattern was checked with: less might not do.
    const std::int64_t enough = std::max(memory_, re2::RE2::Options().max_mem());
    single_ = std::make_unique<const re2::RE2>(patterns_[indices_.front()].expression, expression_options(enough));
  } else if (!indices_.empty()) {
    auto set = std::make_unique<re2::RE2::Set>(expression_options(memory_), re2::RE2::UNANCHORED);
    bool complete = true;
    for (const std::size_t index : indices_) complete &= set->Add(patterns_[index].expression, nullptr) >= 0;
    if (complete && set->Compile()) set_ = std::move(set);
  }
}

std::optional<std::size_t> ExpressionSet::first_match(std::string_view utf8) const {
  if (indices_.empty()) return {};
  if (single_) {
    // Without memory for an automaton RE2 goes on without one, so this always has an answer.
    return re2::RE2::PartialMatch(as_piece(utf8), *single_) ? std::optional(indices_.front()) : std::nullopt;
  }
  if (!set_) return first_match_of_halves(utf8);
  std::vector<int> matching;
  re2::RE2::Set::ErrorInfo error{};
  if (set_->Match(as_piece(utf8), &matching, &error)) {
    return indices_[static_cast<std::size_t>(*std::ranges::min_element(matching))];
  }
  return error.kind == re2::RE2::Set::kNoError ? std::nullopt : first_match_of_halves(utf8);
}

std::optional<std::size_t> ExpressionSet::first_match_of_halves(std::string_view utf8) const {
  std::call_once(halves_made_, [this] {
    const auto middle = indices_.begin() + static_cast<std::ptrdiff_t>(indices_.size() / 2);
    lower_ = std::make_unique<const ExpressionSet>(patterns_, std::vector(indices_.begin(), middle), memory_);
    upper_ = std::make_unique<const ExpressionSet>(patterns_, std::vector(middle, indices_.end()), memory_);
  });
  const auto match = lower_->first_match(utf8);
  return match ? match : upper_->first_match(utf8);
}

}  // namespace farpoint::clean
