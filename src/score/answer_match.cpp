// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/answer_match.hpp"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

icu::UnicodeString in_small_letters(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* normalizer = icu::Normalizer2::getNFKCInstance(status);
  const icu::StringPiece piece(utf8.data(), static_cast<std::int32_t>(utf8.size()));
  auto text = icu::UnicodeString::fromUTF8(piece);
  if (U_SUCCESS(status)) text = normalizer->normalize(text, status);
  if (U_FAILURE(status)) throw Error(std::string("ICU cannot normalise a text: ") + u_errorName(status));
  return text.toLower(icu::Locale::getRoot());
}

bool is_punctuation(UChar32 character) {
  if (character < 0x80) return character > ' ' && character != 0x7f && u_isalnum(character) == 0;
  return u_ispunct(character) != 0;
}

bool is_article(const icu::UnicodeString& word) {
  return word == u"a" || word == u"an" || word == u"the";
}

/// Letters and digits of scripts that set words apart by spaces. Chinese, Japanese and Thai, say, do not.
bool is_of_spaced_word(UChar32 character) {
  if (u_isalnum(character) == 0) return false;
  const auto line_break = u_getIntPropertyValue(character, UCHAR_LINE_BREAK);
  return line_break != U_LB_IDEOGRAPHIC && line_break != U_LB_COMPLEX_CONTEXT &&
         line_break != U_LB_CONDITIONAL_JAPANESE_STARTER;
}

UChar32 character_before(std::string_view text, std::size_t place) {
  auto index = static_cast<std::int32_t>(place);
  UChar32 character = 0;
  U8_PREV(text.data(), 0, index, character);
  return character;
}

UChar32 character_at(std::string_view text, std::size_t place) {
  auto index = static_cast<std::int32_t>(place);
  UChar32 character = 0;
  U8_NEXT(text.data(), index, static_cast<std::int32_t>(text.size()), character);
  return character;
}

/// False inside of a word.
bool is_border(std::string_view text, std::size_t place) {
  if (place == 0 || place == text.size()) return true;
  return !is_of_spaced_word(character_before(text, place)) || !is_of_spaced_word(character_at(text, place));
}

bool contains(std::string_view text, std::string_view answer) {
  for (auto place = text.find(answer); place != std::string_view::npos; place = text.find(answer, place + 1)) {
    if (is_border(text, place) && is_border(text, place + answer.size())) return true;
  }
  return false;
}

bool is_given(std::string_view text, std::string_view answer, AnswerMatch match) {
  switch (match) {
    case AnswerMatch::exact:
      return text == answer;
    case AnswerMatch::contains:
      return contains(text, answer);
    case AnswerMatch::prefix:
      break;
  }
  return text.starts_with(answer) && is_border(text, answer.size());
}

}  // namespace

std::string normalized_answer(std::string_view utf8, bool without_articles) {
  const auto text = in_small_letters(utf8);
  icu::UnicodeString result;
  icu::UnicodeString word;  // letters and digits up to here
  bool space = false;       // to come before what follows
  const auto add = [&](const icu::UnicodeString& part) {
    if (space && !result.isEmpty()) result.append(u' ');
    space = false;
    result.append(part);
  };
  const auto end_word = [&] {
    if (without_articles && is_article(word)) {
      space = true;
    } else if (!word.isEmpty()) {
      add(word);
    }
    word.remove();
  };
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const auto character = text.char32At(i);
    if (is_punctuation(character)) continue;
    if (u_isalnum(character) != 0) {
      word.append(character);
      continue;
    }
    end_word();
    if (u_isUWhiteSpace(character) != 0) {
      space = true;
    } else {
      add(icu::UnicodeString(character));
    }
  }
  end_word();
  std::string normalized;
  return result.toUTF8String(normalized);
}

AnswerMatcher::AnswerMatcher(std::span<const std::string> answers, AnswerMatch match) : match_(match) {
  for (const auto& answer : answers) {
    auto text = normalized_answer(answer);
    const bool without_articles = !text.empty();
    if (!without_articles) text = normalized_answer(answer, false);
    if (!text.empty()) answers_.push_back({std::move(text), without_articles});
  }
}

bool AnswerMatcher::matches(std::string_view generated) const {
  const auto without = normalized_answer(generated);
  const auto with = normalized_answer(generated, false);
  return std::any_of(answers_.begin(), answers_.end(), [&](const Answer& answer) {
    return is_given(answer.without_articles ? without : with, answer.text, match_);
  });
}

std::string_view first_line(std::string_view generated) {
  const auto first = generated.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return generated.substr(first, generated.find('\n', first) - first);
}

bool has_first_line(std::string_view generated) {
  const auto first = generated.find_first_not_of(white_space);
  return first != std::string_view::npos && generated.find('\n', first) != std::string_view::npos;
}

}  // namespace farpoint::score
