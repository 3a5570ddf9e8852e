// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Whether what a model wrote is the answer.
namespace farpoint::score {

/// How a generated text is held against an answer, both normalised. Where letters and digits are set apart by spaces,
/// only whole words match: "1" is not the beginning of "19".
enum class AnswerMatch : std::uint8_t {
  prefix,    ///< the text begins with the answer
  exact,     ///< the text is the answer
  contains,  ///< the answer is somewhere in the text
};

/// As SQuAD's evaluation does it (Rajpurkar et al. 2016): small letters, without punctuation, without the words a, an
/// and the, white space a single space between words. For all of Unicode: characters of equal meaning are the same
/// (NFKC), punctuation and white space are what Unicode says, and of ASCII all that is neither letter nor digit counts
/// as punctuation. Bytes that are not UTF-8 become U+FFFD.
std::string normalized_answer(std::string_view text, bool without_articles = true);

/// The answers to one question.
class AnswerMatcher {
 public:
  /// Answers of which nothing is left when they are normalised match nothing; those of which only articles are ("A")
  /// are compared with these.
  AnswerMatcher(std::span<const std::string> answers, AnswerMatch match);

  /// True when nothing could match.
  bool empty() const { return answers_.empty(); }
  bool matches(std::string_view generated) const;

 private:
  struct Answer {
    std::string text;
    bool without_articles = true;
  };
  AnswerMatch match_;
  std::vector<Answer> answers_;
};

/// What a model wrote on the first line that is not empty, without white space before it.
std::string_view first_line(std::string_view generated);
/// True when that line is complete: a line break stands behind it.
bool has_first_line(std::string_view generated);

}  // namespace farpoint::score
