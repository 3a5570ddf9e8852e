// SPDX-License-Identifier: Apache-2.0
// jobs/clean/options.hpp: everything that users may set of cleaning.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/clean/exchange.hpp"
#include "farpoint/clean/personal_data.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"

namespace farpoint::jobs {

enum class Profile { none, web, instruction, code };
enum class Html { off, strip };
enum class UnicodeForm { off, nfc, nfkc };
enum class WhiteSpace { off, tidy };
enum class Pii { off, mask };

/// Fractions are of the lines, paragraphs or characters of a text, from 0 to 1.
struct RepetitionLimits {
  std::optional<double> max_duplicate_line_fraction;
  std::optional<double> max_duplicate_line_character_fraction;
  std::optional<double> max_duplicate_paragraph_fraction;
  std::optional<double> max_duplicate_paragraph_character_fraction;
  std::optional<double> max_top_ngram_fraction;
  std::optional<double> max_top_3gram_fraction;
  std::optional<double> max_top_4gram_fraction;
  std::optional<double> max_duplicate_5gram_fraction;
  std::optional<double> max_duplicate_6gram_fraction;
  std::optional<double> max_duplicate_7gram_fraction;
  std::optional<double> max_duplicate_8gram_fraction;
  std::optional<double> max_duplicate_9gram_fraction;
  std::optional<double> max_duplicate_10gram_fraction;

  static pipeline::Fields<RepetitionLimits> fields();
};

struct MaxRatio {
  std::optional<double> max_ratio;
  static pipeline::Fields<MaxRatio> fields();
};

struct MaxFraction {
  std::optional<double> max_fraction;
  static pipeline::Fields<MaxFraction> fields();
};

struct MinFraction {
  std::optional<double> min_fraction;
  static pipeline::Fields<MinFraction> fields();
};

struct WordLength {
  std::optional<double> min;
  std::optional<double> max;
  static pipeline::Fields<WordLength> fields();
};

struct StopWords {
  std::optional<std::uint64_t> min;
  static pipeline::Fields<StopWords> fields();
};

struct LineLength {
  std::optional<double> max_mean;
  std::optional<std::uint64_t> max;
  static pipeline::Fields<LineLength> fields();
};

/// Rules of C4 (Raffel et al. 2020, section 2.2) that refuse a whole text.
struct C4Limits {
  bool lorem_ipsum = false;
  bool braces = false;
  std::optional<std::uint64_t> min_sentences;
  bool drop_lines = false;
  static pipeline::Fields<C4Limits> fields();
};

struct SpellingLimits {
  std::string as;
  std::vector<std::string> languages{"en"};
  std::string folder;
  std::optional<double> max_unknown_fraction;
  static pipeline::Fields<SpellingLimits> fields();
};

struct CoherenceLimits {
  std::string as;
  std::optional<double> min;
  static pipeline::Fields<CoherenceLimits> fields();
};

struct CleanOptions {
  Profile profile = Profile::none;
  // change texts
  Html html = Html::off;
  UnicodeForm unicode = UnicodeForm::off;
  WhiteSpace white_space = WhiteSpace::off;
  Pii pii = Pii::off;
  std::vector<clean::PersonalData> pii_kinds{clean::PersonalData::email, clean::PersonalData::phone,
                                             clean::PersonalData::ip,    clean::PersonalData::id,
                                             clean::PersonalData::card,  clean::PersonalData::iban};
  // remove records
  std::optional<std::uint64_t> min_chars, max_chars;
  std::optional<std::uint64_t> min_words, max_words;
  std::string tokenizer;
  std::optional<std::uint64_t> min_tokens, max_tokens;
  std::vector<std::string> language;
  double language_confidence = 0.65;
  RepetitionLimits repetition;
  MaxRatio symbols;
  MaxRatio digits;
  MaxRatio urls;
  MaxRatio symbol_words;
  MaxFraction bullets;
  MaxFraction ellipses;
  MaxFraction advertisement;
  MinFraction alphabetic_words;
  MinFraction alphanumeric;
  WordLength word_length;
  LineLength line_length;
  StopWords stop_words;
  C4Limits c4;
  std::vector<std::string> blocklist;
  std::vector<clean::ExchangeFault> exchange;
  SpellingLimits spelling;
  CoherenceLimits coherence;

  static pipeline::Fields<CleanOptions> fields();

  bool counts_tokens() const { return min_tokens || max_tokens; }
  bool changes_texts() const {
    return html != Html::off || unicode != UnicodeForm::off || white_space != WhiteSpace::off || pii != Pii::off ||
           c4.drop_lines;
  }
};

/// What the user wrote, with what their profile adds: a key that they gave stays as it is, with null the rule is off.
/// Throws ConfigError for an unknown profile.
pipeline::Node with_profile(const pipeline::Node& options);

/// Throws ConfigError for limits that no text can meet, and for what contradicts itself.
void check_options(const CleanOptions& options, const pipeline::Node& where);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Profile> {
  static constexpr std::array<std::string_view, 4> values{"none", "web", "instruction", "code"};
};
template <>
struct Names<jobs::Html> {
  static constexpr std::array<std::string_view, 2> values{"off", "strip"};
};
template <>
struct Names<jobs::UnicodeForm> {
  static constexpr std::array<std::string_view, 3> values{"off", "nfc", "nfkc"};
};
template <>
struct Names<jobs::WhiteSpace> {
  static constexpr std::array<std::string_view, 2> values{"off", "tidy"};
};
template <>
struct Names<jobs::Pii> {
  static constexpr std::array<std::string_view, 2> values{"off", "mask"};
};
template <>
struct Names<clean::PersonalData> {
  static constexpr std::array<std::string_view, 6> values{"email", "phone", "ip", "id", "card", "iban"};
};
template <>
struct Names<clean::ExchangeFault> {
  static constexpr std::array<std::string_view, 7> values{
      "empty_prompt", "empty_answer", "refusal", "repeats_question", "truncated", "placeholder", "role_order"};
};

}  // namespace farpoint::pipeline
