// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/pattern_set.hpp"

#include <fmt/format.h>
#include <re2/filtered_re2.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <utility>

#include "expression_set.hpp"
#include "farpoint/base/error.hpp"
#include "string_matcher.hpp"

namespace farpoint::clean {

namespace {

constexpr std::int64_t set_memory = std::int64_t{256} << 20;
/// Each pattern as RE2 has it by default.
constexpr std::int64_t pattern_memory = std::int64_t{8} << 20;

/// Strings that a text must contain for a pattern to match; shorter ones are in every text.
constexpr int shortest_string = 2;

/// More patterns than these are asked together rather than one by one.
constexpr std::size_t most_single_patterns = 32;

}  // namespace

/// One automaton for thousands of expressions has so many states, each so large, that RE2::Set reads some 10 MB/s. So
/// RE2's filter is used: of the strings without which a pattern cannot match, those that a text contains are found
/// first, at some 200 MB/s, and only the patterns that these admit are tried. Patterns without such strings are one
/// RE2::Set.
class PatternSet::Automata {
 public:
  explicit Automata(std::vector<Pattern> patterns) : patterns_(std::move(patterns)), filter_(shortest_string) {
    for (const Pattern& pattern : patterns_) add(pattern);
    if (patterns_.empty()) return;
    std::vector<std::string> strings;
    filter_.Compile(&strings);
    matcher_ = std::make_unique<const StringMatcher>(strings);
    find_unfiltered();
  }

  const std::vector<Pattern>& patterns() const { return patterns_; }

  std::optional<std::size_t> first_match(std::string_view text) const {
    if (patterns_.empty()) return {};
    auto best = unfiltered_->first_match(text);
    const std::vector<int> strings = matcher_->occurring(text);
    if (strings.empty()) return best;
    std::vector<int> admitted;
    filter_.AllPotentials(strings, &admitted);
    std::ranges::sort(admitted);
    std::size_t tried = 0;
    for (const int index : admitted) {
      const auto candidate = static_cast<std::size_t>(index);
      if (best && *best <= candidate) break;
      if (is_unfiltered_[candidate]) continue;
      if (++tried > most_single_patterns) return all().first_match(text);
      if (re2::RE2::PartialMatch(as_piece(text), filter_.GetRE2(index))) return candidate;
    }
    return best;
  }

 private:
  void add(const Pattern& pattern) {
    const auto options = expression_options(pattern_memory);
    int id = 0;
    if (filter_.Add(pattern.expression, options, &id) == re2::RE2::NoError) return;
    const std::string reason = re2::RE2(pattern.expression, options).error();
    throw UsageError(fmt::format("{}: \"{}\" is not a regular expression that RE2 takes: {}", pattern.origin,
                                 pattern.expression, reason));
  }

  void find_unfiltered() {
    std::vector<int> always;
    filter_.AllPotentials({}, &always);
    std::ranges::sort(always);
    is_unfiltered_.resize(patterns_.size());
    for (const int index : always) is_unfiltered_[static_cast<std::size_t>(index)] = true;
    unfiltered_.emplace(patterns_, std::vector<std::size_t>(always.begin(), always.end()), set_memory);
  }

  /// For texts that many patterns may match.
  const ExpressionSet& all() const {
    std::call_once(all_made_, [this] {
      std::vector<std::size_t> indices(patterns_.size());
      std::iota(indices.begin(), indices.end(), std::size_t{0});
      all_.emplace(patterns_, std::move(indices), set_memory);
    });
    return *all_;
  }

  std::vector<Pattern> patterns_;
  re2::FilteredRE2 filter_;  ///< knows patterns by their indices
  std::unique_ptr<const StringMatcher> matcher_;
  std::vector<bool> is_unfiltered_;
  std::optional<ExpressionSet> unfiltered_;
  mutable std::once_flag all_made_;
  mutable std::optional<ExpressionSet> all_;
};

PatternSet::PatternSet(std::vector<Pattern> patterns)
    : automata_(std::make_unique<const Automata>(std::move(patterns))) {}
PatternSet::~PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;

std::optional<std::size_t> PatternSet::first_match(std::string_view utf8) const {
  return automata_->first_match(utf8);
}

const Pattern& PatternSet::operator[](std::size_t index) const {
  assert(index < size());
  return automata_->patterns()[index];
}

std::size_t PatternSet::size() const {
  return automata_->patterns().size();
}

}  // namespace farpoint::clean
