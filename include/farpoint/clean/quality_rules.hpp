// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "farpoint/clean/text_statistics.hpp"

namespace farpoint::clean {

/// Why a text is refused.
struct Refusal {
  std::string_view rule;  ///< the name of the threshold, such as "min_words"; never freed
  double value = 0;       ///< what the text has
  double threshold = 0;
};

/// The quality rules of Rae et al. 2021 ("Scaling Language Models: Methods, Analysis & Insights from Training Gopher",
/// appendix A.1.1), with their thresholds. A threshold that is not set is off; a text that has just the threshold is
/// accepted.
///
/// The rules were written for English web pages. What makes no sense for Chinese is applied otherwise: the mean word
/// length is asked for only where less than half of the words are single characters (of scripts written without
/// spaces), and stop words are asked for in English or Chinese, whichever there are more of. Records of instructions,
/// which may be short, need a lower min_words.
struct GopherQuality {
  std::optional<std::uint64_t> min_words = 50;
  std::optional<std::uint64_t> max_words = 100'000;
  std::optional<double> min_mean_word_length = 3;
  std::optional<double> max_mean_word_length = 10;
  std::optional<double> max_symbol_word_ratio = 0.1;
  std::optional<double> max_bullet_line_fraction = 0.9;
  std::optional<double> max_ellipsis_line_fraction = 0.3;
  std::optional<double> min_alphabetic_word_fraction = 0.8;
  std::optional<std::uint64_t> min_stop_words = 2;
};

/// The rules of C4 (Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text
/// Transformer", section 2.2) as rules for whole texts. C4 drops the lines without a terminal mark and those about
/// JavaScript and policies; here they refuse the text when there are too many. C4 asks for three sentences (five in the
/// first release). A threshold that is not set is off; a text that has just the threshold is accepted.
struct C4Quality {
  std::optional<double> min_terminal_line_fraction;  ///< FineWeb (Penedo et al. 2024) takes 0.12
  std::optional<std::uint64_t> max_curly_brackets = 0;
  std::optional<std::uint64_t> max_lorem_ipsum = 0;
  std::optional<double> max_javascript_line_fraction = 0;
  std::optional<double> max_policy_line_fraction = 0;
  std::optional<std::uint64_t> min_sentences = 3;
};

/// The first rule, in the order of the struct, that refuses the text; nothing when all accept it. Thread-safe.
std::optional<Refusal> refuse(const GopherQuality& rules, const TextStatistics& text);
std::optional<Refusal> refuse(const C4Quality& rules, const TextStatistics& text);

}  // namespace farpoint::clean
