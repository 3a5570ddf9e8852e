// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/quality_rules.hpp"

#include <algorithm>

namespace farpoint::clean {

namespace {

/// Remembers the first refusal among rules that are asked in turn.
class FirstRefusal {
 public:
  template <typename Number>
  FirstRefusal& at_least(std::string_view rule, double value, const std::optional<Number>& threshold) {
    if (threshold && value < static_cast<double>(*threshold)) note({rule, value, static_cast<double>(*threshold)});
    return *this;
  }

  template <typename Number>
  FirstRefusal& at_most(std::string_view rule, double value, const std::optional<Number>& threshold) {
    if (threshold && value > static_cast<double>(*threshold)) note({rule, value, static_cast<double>(*threshold)});
    return *this;
  }

  const std::optional<Refusal>& get() const { return refusal_; }

 private:
  void note(const Refusal& refusal) {
    if (!refusal_) refusal_ = refusal;
  }
  std::optional<Refusal> refusal_;
};

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

}  // namespace

std::optional<Refusal> refuse(const GopherQuality& rules, const TextStatistics& text) {
  // A text of single characters has short words by nature.
  const bool has_word_lengths = text.single_character_words * 2 < text.words || text.words == 0;
  const auto length_rule = [&](const std::optional<double>& threshold) {
    return has_word_lengths ? threshold : std::nullopt;
  };
  const std::uint64_t stop_words = std::max(text.stop_words, text.chinese_stop_words);
  return FirstRefusal()
      .at_least("min_words", number(text.words), rules.min_words)
      .at_most("max_words", number(text.words), rules.max_words)
      .at_least("min_mean_word_length", mean_word_length(text), length_rule(rules.min_mean_word_length))
      .at_most("max_mean_word_length", mean_word_length(text), length_rule(rules.max_mean_word_length))
      .at_most("max_symbol_word_ratio", symbol_word_ratio(text), rules.max_symbol_word_ratio)
      .at_most("max_bullet_line_fraction", bullet_line_fraction(text), rules.max_bullet_line_fraction)
      .at_most("max_ellipsis_line_fraction", ellipsis_line_fraction(text), rules.max_ellipsis_line_fraction)
      .at_least("min_alphabetic_word_fraction", alphabetic_word_fraction(text), rules.min_alphabetic_word_fraction)
      .at_least("min_stop_words", number(stop_words), rules.min_stop_words)
      .get();
}

std::optional<Refusal> refuse(const C4Quality& rules, const TextStatistics& text) {
  return FirstRefusal()
      .at_least("min_terminal_line_fraction", terminal_line_fraction(text), rules.min_terminal_line_fraction)
      .at_most("max_curly_brackets", number(text.curly_brackets), rules.max_curly_brackets)
      .at_most("max_lorem_ipsum", number(text.lorem_ipsum), rules.max_lorem_ipsum)
      .at_most("max_javascript_line_fraction", fraction(text.javascript_lines, text.lines),
               rules.max_javascript_line_fraction)
      .at_most("max_policy_line_fraction", fraction(text.policy_lines, text.lines), rules.max_policy_line_fraction)
      .at_least("min_sentences", number(text.sentences), rules.min_sentences)
      .get();
}

}  // namespace farpoint::clean
