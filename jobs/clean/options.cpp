// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace farpoint::jobs {

using namespace pipeline;

Fields<RepetitionLimits> RepetitionLimits::fields() {
  using R = RepetitionLimits;
  return {option("max_duplicate_line_fraction", &R::max_duplicate_line_fraction,
                 "lines that are copies of others, by count (Gopher: 0.3)"),
          option("max_duplicate_line_character_fraction", &R::max_duplicate_line_character_fraction,
                 "the same by characters (Gopher: 0.2)"),
          option("max_duplicate_paragraph_fraction", &R::max_duplicate_paragraph_fraction,
                 "paragraphs that are copies of others, by count (Gopher: 0.3)"),
          option("max_duplicate_paragraph_character_fraction", &R::max_duplicate_paragraph_character_fraction,
                 "the same by characters (Gopher: 0.2)"),
          option("max_top_ngram_fraction", &R::max_top_ngram_fraction,
                 "characters in the most frequent pair of words (Gopher: 0.2)"),
          option("max_top_3gram_fraction", &R::max_top_3gram_fraction, "of three words (Gopher: 0.18)"),
          option("max_top_4gram_fraction", &R::max_top_4gram_fraction, "of four words (Gopher: 0.16)"),
          option("max_duplicate_5gram_fraction", &R::max_duplicate_5gram_fraction,
                 "characters in rows of five words that occur more than once (Gopher: 0.15)"),
          option("max_duplicate_6gram_fraction", &R::max_duplicate_6gram_fraction, "of six words (Gopher: 0.14)"),
          option("max_duplicate_7gram_fraction", &R::max_duplicate_7gram_fraction, "of seven words (Gopher: 0.13)"),
          option("max_duplicate_8gram_fraction", &R::max_duplicate_8gram_fraction, "of eight words (Gopher: 0.12)"),
          option("max_duplicate_9gram_fraction", &R::max_duplicate_9gram_fraction, "of nine words (Gopher: 0.11)"),
          option("max_duplicate_10gram_fraction", &R::max_duplicate_10gram_fraction, "of ten words (Gopher: 0.10)")};
}

Fields<MaxRatio> MaxRatio::fields() {
  return {option("max_ratio", &MaxRatio::max_ratio, "the most that a record may have; unset: off")};
}

Fields<MaxFraction> MaxFraction::fields() {
  return {option("max_fraction", &MaxFraction::max_fraction, "the most that a record may have; unset: off")};
}

Fields<MinFraction> MinFraction::fields() {
  return {option("min_fraction", &MinFraction::min_fraction, "the least that a record may have; unset: off")};
}

Fields<WordLength> WordLength::fields() {
  return {option("min", &WordLength::min, "in characters, on average over the words (Gopher: 3)"),
          option("max", &WordLength::max, "the same (Gopher: 10)")};
}

Fields<StopWords> StopWords::fields() {
  return {option("min", &StopWords::min, "how many different ones there must be (Gopher: 2)")};
}

Fields<LineLength> LineLength::fields() {
  return {option("max_mean", &LineLength::max_mean, "in characters, on average over the lines (Codex: 100)"),
          option("max", &LineLength::max, "characters of the longest line (Codex: 1000)")};
}

Fields<C4Limits> C4Limits::fields() {
  return {option("lorem_ipsum", &C4Limits::lorem_ipsum, "refuse texts with 'lorem ipsum'"),
          option("braces", &C4Limits::braces, "refuse texts with '{', which is code on web pages"),
          option("min_sentences", &C4Limits::min_sentences, "fewer sentences are refused (C4: 5)"),
          option("drop_lines", &C4Limits::drop_lines,
                 "take out lines that do not end like a sentence, have fewer than 5 words, or speak of JavaScript, "
                 "cookies and policies")};
}

Fields<SpellingLimits> SpellingLimits::fields() {
  using S = SpellingLimits;
  return {option("as", &S::as, "the column for the share of words that no dictionary knows; unset: off"),
          option("languages", &S::languages, "of the Hunspell dictionaries, which must be installed"),
          option("folder", &S::folder, "where dictionaries lie; unset: the system's folders"),
          option("max_unknown_fraction", &S::max_unknown_fraction, "more unknown words are refused; unset: none")};
}

Fields<CoherenceLimits> CoherenceLimits::fields() {
  using C = CoherenceLimits;
  return {option("as", &C::as, "the column for the mean cosine of neighbouring sentences; unset: off"),
          option("min", &C::min, "less coherent texts are refused; unset: none")};
}

namespace {

using C = CleanOptions;

Fields<C> change_fields() {
  return {option("profile", &C::profile,
                 "a set of rules to start from (docs/cleaning.md has them); keys beside it replace its own, and null "
                 "switches one off"),
          option("html", &C::html, "strip: tags, scripts and styles go, entities become characters; code stays"),
          option("unicode", &C::unicode,
                 "the normal form of all texts; also removes control and zero-width characters and unifies line ends"),
          option("white_space", &C::white_space, "tidy: one blank for many, no blanks at line ends, few blank lines"),
          option("pii", &C::pii,
                 "mask: personal data become `<EMAIL>`, `<PHONE>`, `<IP>`, `<ID>`, `<CARD>` and `<IBAN>`; check digits "
                 "are verified"),
          option("pii_kinds", &C::pii_kinds, "which of them")};
}

Fields<C> limit_fields() {
  return {option("min_chars", &C::min_chars, "fewer characters (code points) of the whole text are refused"),
          option("max_chars", &C::max_chars, "more characters are refused"),
          option("min_words", &C::min_words, "fewer words are refused (Gopher: 50)"),
          option("max_words", &C::max_words, "more words are refused (Gopher: 100000)"),
          option("tokenizer", &C::tokenizer, "the entry of 'models' whose tokens are counted"),
          option("min_tokens", &C::min_tokens, "fewer tokens are refused"),
          option("max_tokens", &C::max_tokens, "more tokens are refused"),
          option("language", &C::language, "codes of the languages that stay, such as [en, zh]; empty: all"),
          option("language_confidence", &C::language_confidence,
                 "the share of a text that must be in them, from 0 to 1; texts whose language is unknown stay")};
}

Fields<C> quality_fields() {
  return {option("repetition", &C::repetition, "how much of a text may repeat itself"),
          option("symbols", &C::symbols,
                 "characters that are neither letters, digits, white space nor common punctuation, of all characters"),
          option("digits", &C::digits, "digits, of all characters"),
          option("urls", &C::urls, "characters of URLs, of all characters"),
          option("symbol_words", &C::symbol_words, "'#' and ellipses, to words (Gopher: 0.1)"),
          option("bullets", &C::bullets, "lines that begin with a bullet, of all lines (Gopher: 0.9)"),
          option("ellipses", &C::ellipses, "lines that end with an ellipsis, of all lines (Gopher: 0.3)"),
          option("advertisement", &C::advertisement, "lines that read like advertising or the frame of a web page"),
          option("alphabetic_words", &C::alphabetic_words, "words with a letter, of all words (Gopher: 0.8)"),
          option("alphanumeric", &C::alphanumeric, "letters and digits, of all characters (The Stack: 0.25)"),
          option("word_length", &C::word_length, "the mean length of words"),
          option("line_length", &C::line_length, "the length of lines"),
          option("stop_words", &C::stop_words, "the most frequent words of English, or of Chinese, as signs of prose"),
          option("c4", &C::c4, "rules of C4 (Raffel et al. 2020)"),
          option("blocklist", &C::blocklist,
                 "files with a phrase or a /regular expression/ a line; a record in which one is found is refused"),
          option("exchange", &C::exchange, "faults of questions and answers for which records are refused"),
          option("spelling", &C::spelling, "words that dictionaries do not know, of all words"),
          option("coherence", &C::coherence, "how alike neighbouring sentences are")};
}

/// Keys of `more` that `node` does not have, at any depth.
void add_missing(Node& node, const Node& more) {
  for (const auto& entry : more.entries) {
    const auto known =
        std::find_if(node.entries.begin(), node.entries.end(), [&](const auto& own) { return own.key == entry.key; });
    if (known == node.entries.end()) {
      node.entries.push_back(entry);
    } else if (known->value.kind == Node::Kind::map && entry.value.kind == Node::Kind::map) {
      add_missing(known->value, entry.value);
    }
  }
}

/// What is switched off has its default.
void remove_nulls(Node& node) {
  std::erase_if(node.entries, [](const auto& entry) { return entry.value.kind == Node::Kind::null; });
  for (auto& entry : node.entries) remove_nulls(entry.value);
}

/// Thresholds of Gopher (Rae et al. 2021, appendix A.1.1), C4 (Raffel et al. 2020), FineWeb (Penedo et al. 2024), Codex
/// (Chen et al. 2021) and The Stack (Kocetkov et al. 2022).
constexpr std::string_view web_rules = R"(
html: strip
unicode: nfc
white_space: tidy
pii: mask
min_words: 50
max_words: 100000
word_length: {min: 3, max: 10}
symbol_words: {max_ratio: 0.1}
bullets: {max_fraction: 0.9}
ellipses: {max_fraction: 0.3}
alphabetic_words: {min_fraction: 0.8}
stop_words: {min: 2}
symbols: {max_ratio: 0.25}
urls: {max_ratio: 0.2}
advertisement: {max_fraction: 0.5}
repetition:
  max_duplicate_line_fraction: 0.3
  max_duplicate_line_character_fraction: 0.2
  max_duplicate_paragraph_fraction: 0.3
  max_duplicate_paragraph_character_fraction: 0.2
  max_top_ngram_fraction: 0.2
  max_top_3gram_fraction: 0.18
  max_top_4gram_fraction: 0.16
  max_duplicate_5gram_fraction: 0.15
  max_duplicate_6gram_fraction: 0.14
  max_duplicate_7gram_fraction: 0.13
  max_duplicate_8gram_fraction: 0.12
  max_duplicate_9gram_fraction: 0.11
  max_duplicate_10gram_fraction: 0.10
c4: {lorem_ipsum: true}
)";

constexpr std::string_view instruction_rules = R"(
unicode: nfc
exchange: [empty_prompt, empty_answer, refusal, repeats_question, truncated, placeholder, role_order]
symbols: {max_ratio: 0.5}
c4: {lorem_ipsum: true}
)";

constexpr std::string_view code_rules = R"(
unicode: nfc
line_length: {max_mean: 100, max: 1000}
alphanumeric: {min_fraction: 0.25}
)";

std::string_view rules_of(Profile profile) {
  switch (profile) {
    case Profile::web:
      return web_rules;
    case Profile::instruction:
      return instruction_rules;
    case Profile::code:
      return code_rules;
    case Profile::none:
      break;
  }
  return "{}";
}

/// Which limits a job has, for checking them: their names and values.
void check_share(const Node& where, const std::string& key, const std::optional<double>& value) {
  if (!value || (*value >= 0 && *value <= 1)) return;
  throw ConfigError(where.place_of(key),
                    fmt::format("'clean.{}': a share lies between 0 and 1, not at {}", key, *value));
}

template <typename T>
void check_order(const Node& where, const std::string& low, const std::optional<T>& least, const std::string& high,
                 const std::optional<T>& most) {
  if (!least || !most || *least <= *most) return;
  throw ConfigError(where.place_of(high),
                    fmt::format("'clean': no text has at least {} = {} and at most {} = {}", low, *least, high, *most));
}

}  // namespace

Fields<CleanOptions> CleanOptions::fields() {
  auto fields = change_fields();
  for (auto* more : {&limit_fields, &quality_fields}) {
    for (auto& field : (*more)()) fields.push_back(std::move(field));
  }
  return fields;
}

Node with_profile(const Node& options) {
  if (options.kind != Node::Kind::map) return options;
  const auto* name = options.find("profile");
  if (name == nullptr) return options;
  auto merged = options;
  add_missing(merged, parse_yaml(rules_of(Codec<Profile>::decode(*name, "clean.profile")), "profile"));
  remove_nulls(merged);
  return merged;
}

void check_options(const CleanOptions& options, const Node& where) {
  for (const auto& [key, value] : {std::pair{"symbols", options.symbols.max_ratio},
                                   {"digits", options.digits.max_ratio},
                                   {"urls", options.urls.max_ratio},
                                   {"bullets", options.bullets.max_fraction},
                                   {"ellipses", options.ellipses.max_fraction},
                                   {"advertisement", options.advertisement.max_fraction},
                                   {"alphabetic_words", options.alphabetic_words.min_fraction},
                                   {"alphanumeric", options.alphanumeric.min_fraction},
                                   {"language_confidence", std::optional(options.language_confidence)},
                                   {"spelling", options.spelling.max_unknown_fraction}}) {
    check_share(where, key, value);
  }
  for (const auto& field : RepetitionLimits::fields()) {
    const auto node = field.encode(options.repetition);
    if (node.kind == Node::Kind::scalar) {
      check_share(where, "repetition", Codec<std::optional<double>>::decode(node, "clean.repetition"));
    }
  }
  check_order(where, "min_chars", options.min_chars, "max_chars", options.max_chars);
  check_order(where, "min_words", options.min_words, "max_words", options.max_words);
  check_order(where, "min_tokens", options.min_tokens, "max_tokens", options.max_tokens);
  check_order(where, "word_length.min", options.word_length.min, "word_length", options.word_length.max);
  if (options.counts_tokens() && options.tokenizer.empty()) {
    throw ConfigError(where.place, "'clean' counts tokens: name the model whose tokens they are with 'tokenizer'");
  }
  if (options.spelling.max_unknown_fraction && options.spelling.as.empty()) {
    throw ConfigError(where.place_of("spelling"), "'clean.spelling' needs 'as', the name of its column");
  }
  if (options.coherence.min && options.coherence.as.empty()) {
    throw ConfigError(where.place_of("coherence"), "'clean.coherence' needs 'as', the name of its column");
  }
}

}  // namespace farpoint::jobs
