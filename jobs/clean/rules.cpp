// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "farpoint/clean/advertisement.hpp"
#include "farpoint/clean/language.hpp"
#include "farpoint/clean/repetition.hpp"
#include "farpoint/clean/urls.hpp"
#include "farpoint/text/characters.hpp"

namespace farpoint::jobs {

namespace {

using clean::TextStatistics;

/// Characters of the longest line. Not part of TextStatistics, as few ask.
std::uint64_t longest_line(std::string_view text) {
  std::uint64_t longest = 0;
  std::uint64_t length = 0;
  for (const char c : text) {
    if (c == '\n') {
      longest = std::max(longest, length);
      length = 0;
    } else if (text::begins_character(c)) {
      ++length;
    }
  }
  return std::max(longest, length);
}

double mean_line_length(const TextStatistics& text) {
  return clean::fraction(text.characters, text.lines);
}

/// Chinese has no spaces, and no words of three letters.
bool has_words_of_letters(const TextStatistics& text) {
  return 2 * text.single_character_words < text.words;
}

std::string exceeding(double value, double limit, bool is_maximum, std::string_view what) {
  return fmt::format("{} {:.6g}, {} {:.6g}", what, value, is_maximum ? "more than" : "less than", limit);
}

}  // namespace

RemovalRules::RemovalRules(const CleanOptions& options, std::shared_ptr<const clean::PatternSet> blocked) {
  add_lengths(options);
  add_shares(options);
  add_prose(options);
  add_exchange(options);
  add_repetition(options.repetition);
  if (blocked && blocked->size() > 0) {
    rules_.emplace_back([blocked](const Evidence& evidence) -> std::optional<Refusal> {
      const auto found = blocked->first_match(evidence.full);
      if (!found) return std::nullopt;
      const auto& pattern = (*blocked)[*found];
      return Refusal{"blocklist", fmt::format("{}: {}", pattern.origin, pattern.expression)};
    });
  }
  add_limit<double>("advertisement", options.advertisement.max_fraction, true, "advertising lines", [](const auto& e) {
    const auto found = clean::advertisement_lines(e.full);
    return clean::fraction(found.matching, found.lines);
  });
  add_language(options);
  add_limit<double>("spelling", options.spelling.max_unknown_fraction, true, "unknown words",
                    [](const auto& e) { return e.spelling; });
  add_limit<double>("coherence", options.coherence.min, false, "cosine of neighbouring sentences",
                    [](const auto& e) { return e.coherence; });
}

std::optional<Refusal> RemovalRules::refuse(const Evidence& evidence) const {
  for (const auto& rule : rules_) {
    if (auto refusal = rule(evidence)) return refusal;
  }
  return std::nullopt;
}

template <typename T>
void RemovalRules::add_limit(const char* reason, const std::optional<T>& limit, bool is_maximum, const char* what,
                             std::function<T(const Evidence&)> measure) {
  if (!limit) return;
  rules_.emplace_back([reason, limit = *limit, is_maximum, what, measure](const Evidence& evidence) {
    // NaN is neither: what could not be measured is no reason.
    const T value = measure(evidence);
    if (!(is_maximum ? value > limit : value < limit)) return std::optional<Refusal>();
    return std::optional(
        Refusal{reason, exceeding(static_cast<double>(value), static_cast<double>(limit), is_maximum, what)});
  });
}

void RemovalRules::add_lengths(const CleanOptions& options) {
  using Count = std::uint64_t;
  const auto characters = [](const Evidence& e) { return e.statistics.characters; };
  const auto words = [](const Evidence& e) { return e.statistics.words; };
  const auto tokens = [](const Evidence& e) { return e.tokens; };
  add_limit<Count>("too_short", options.min_chars, false, "characters", characters);
  add_limit<Count>("too_short", options.min_words, false, "words", words);
  add_limit<Count>("too_short", options.min_tokens, false, "tokens", tokens);
  add_limit<Count>("too_long", options.max_chars, true, "characters", characters);
  add_limit<Count>("too_long", options.max_words, true, "words", words);
  add_limit<Count>("too_long", options.max_tokens, true, "tokens", tokens);
}

void RemovalRules::add_shares(const CleanOptions& options) {
  const auto add = [&](const char* reason, const std::optional<double>& limit, bool is_maximum, const char* what,
                       double (*measure)(const TextStatistics&)) {
    add_limit<double>(reason, limit, is_maximum, what, [measure](const Evidence& e) { return measure(e.statistics); });
  };
  add("symbols", options.symbols.max_ratio, true, "share of symbols", clean::symbol_character_fraction);
  add("digits", options.digits.max_ratio, true, "share of digits", clean::digit_character_fraction);
  add("alphanumeric", options.alphanumeric.min_fraction, false, "share of letters and digits",
      [](const TextStatistics& s) { return clean::fraction(s.letters + s.digits, s.characters); });
  add_limit<double>("urls", options.urls.max_ratio, true, "share of URLs", [](const Evidence& e) {
    return clean::fraction(clean::url_characters(e.full), e.statistics.characters);
  });
  add("bullets", options.bullets.max_fraction, true, "lines with bullets", clean::bullet_line_fraction);
  add("ellipses", options.ellipses.max_fraction, true, "lines that end with an ellipsis",
      clean::ellipsis_line_fraction);
  add("symbol_words", options.symbol_words.max_ratio, true, "'#' or ellipses to a word", clean::symbol_word_ratio);
  add("alphabetic_words", options.alphabetic_words.min_fraction, false, "words with a letter",
      clean::alphabetic_word_fraction);
  add("line_length", options.line_length.max_mean, true, "mean length of lines", mean_line_length);
  add_limit<std::uint64_t>("line_length", options.line_length.max, true, "longest line",
                           [](const Evidence& e) { return longest_line(e.full); });
}

void RemovalRules::add_prose(const CleanOptions& options) {
  const auto word_length = [](const Evidence& e) {
    return has_words_of_letters(e.statistics) ? clean::mean_word_length(e.statistics) : std::nan("");
  };
  add_limit<double>("word_length", options.word_length.min, false, "mean length of words", word_length);
  add_limit<double>("word_length", options.word_length.max, true, "mean length of words", word_length);
  add_limit<std::uint64_t>("stop_words", options.stop_words.min, false, "different stop words", [](const Evidence& e) {
    return std::max(e.statistics.stop_words, e.statistics.chinese_stop_words);
  });
  const auto refuse_any = [&](bool is_on, const char* what, std::uint64_t TextStatistics::*count) {
    if (is_on) {
      add_limit<std::uint64_t>("c4", std::uint64_t{0}, true, what,
                               [count](const Evidence& e) { return e.statistics.*count; });
    }
  };
  refuse_any(options.c4.lorem_ipsum, "'lorem ipsum'", &TextStatistics::lorem_ipsum);
  refuse_any(options.c4.braces, "'{'", &TextStatistics::curly_brackets);
  add_limit<std::uint64_t>("c4", options.c4.min_sentences, false, "sentences",
                           [](const Evidence& e) { return e.statistics.sentences; });
}

void RemovalRules::add_exchange(const CleanOptions& options) {
  if (options.exchange.empty()) return;
  const auto asks_for = [&](clean::ExchangeFault fault) {
    return std::find(options.exchange.begin(), options.exchange.end(), fault) != options.exchange.end();
  };
  using Fault = clean::ExchangeFault;
  clean::ExchangeRules rules;
  rules.empty_prompt = asks_for(Fault::empty_prompt);
  rules.empty_answer = asks_for(Fault::empty_answer);
  rules.refusal = asks_for(Fault::refusal);
  rules.repeats_question = asks_for(Fault::repeats_question);
  rules.truncated = asks_for(Fault::truncated);
  rules.placeholder = asks_for(Fault::placeholder);
  rules.role_order = asks_for(Fault::role_order);
  rules_.emplace_back([rules](const Evidence& evidence) -> std::optional<Refusal> {
    const auto verdict = clean::check_exchange(evidence.record, rules);
    if (!verdict) return std::nullopt;
    return Refusal{std::string(clean::exchange_fault_name(verdict->fault)), verdict->detail};
  });
}

void RemovalRules::add_repetition(const RepetitionLimits& limits) {
  using Measure = std::function<double(const clean::Repetition&)>;
  struct Limit {
    double most;
    const char* what;
    Measure measure;
  };
  std::vector<Limit> active;
  clean::RepetitionParts parts;
  const auto add = [&](const std::optional<double>& limit, const char* what, Measure measure) {
    if (limit) active.push_back({*limit, what, std::move(measure)});
    return limit.has_value();
  };
  using R = clean::Repetition;
  parts.lines |=
      add(limits.max_duplicate_line_fraction, "duplicate lines", [](const R& r) { return r.duplicate_line_fraction; });
  parts.lines |= add(limits.max_duplicate_line_character_fraction, "characters in duplicate lines",
                     [](const R& r) { return r.duplicate_line_character_fraction; });
  parts.paragraphs |= add(limits.max_duplicate_paragraph_fraction, "duplicate paragraphs",
                          [](const R& r) { return r.duplicate_paragraph_fraction; });
  parts.paragraphs |= add(limits.max_duplicate_paragraph_character_fraction, "characters in duplicate paragraphs",
                          [](const R& r) { return r.duplicate_paragraph_character_fraction; });
  const std::array top{&limits.max_top_ngram_fraction, &limits.max_top_3gram_fraction, &limits.max_top_4gram_fraction};
  for (std::size_t n = 2; n <= 4; ++n) {
    if (add(*top[n - 2], "characters in the most frequent row of words",
            [n](const R& r) { return r.top_ngram_fraction(n); })) {
      parts.top_ngrams |= 1U << n;
    }
  }
  const std::array duplicate{&limits.max_duplicate_5gram_fraction, &limits.max_duplicate_6gram_fraction,
                             &limits.max_duplicate_7gram_fraction, &limits.max_duplicate_8gram_fraction,
                             &limits.max_duplicate_9gram_fraction, &limits.max_duplicate_10gram_fraction};
  for (std::size_t n = 5; n <= 10; ++n) {
    if (add(*duplicate[n - 5], "characters in rows of words that repeat",
            [n](const R& r) { return r.duplicate_ngram_fraction(n); })) {
      parts.duplicate_ngrams |= 1U << n;
    }
  }
  if (active.empty()) return;
  rules_.emplace_back([active, parts](const Evidence& evidence) -> std::optional<Refusal> {
    const auto found = clean::repetition(evidence.full, parts);
    for (const auto& limit : active) {
      const auto value = limit.measure(found);
      if (value > limit.most) return Refusal{"repetition", exceeding(value, limit.most, true, limit.what)};
    }
    return std::nullopt;
  });
}

void RemovalRules::add_language(const CleanOptions& options) {
  if (options.language.empty()) return;
  rules_.emplace_back([accepted = options.language,
                       least = options.language_confidence](const Evidence& evidence) -> std::optional<Refusal> {
    const auto language = clean::detect_language(evidence.full);
    if (clean::is_accepted(language, accepted, least)) return std::nullopt;
    auto detail = fmt::format("{} {:.2f}", language.code, language.confidence);
    if (!language.second.empty()) detail += fmt::format(", {} {:.2f}", language.second, language.second_confidence);
    return Refusal{"language", detail};
  });
}

}  // namespace farpoint::jobs
