// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/dedup/repeated_spans.hpp"
#include "farpoint/text/written_words.hpp"

namespace farpoint::dedup {

namespace {

using Words = std::vector<text::WrittenWord>;

void check(std::string_view text, std::span<const RepeatedSpan> spans) {
  std::uint64_t end = 0;
  for (const RepeatedSpan& span : spans) {
    if (span.begin < end || span.end < span.begin || span.end > text.size()) {
      throw Error(fmt::format("record {}, text {}: the span [{}, {}) does not lie behind {} in {} bytes", span.id,
                              span.part, span.begin, span.end, end, text.size()));
    }
    end = span.end;
  }
}

/// Whether the two would be one word if they stood side by side.
bool would_join(std::string_view last, std::string_view next) {
  Words words;
  text::append_written_words(std::string(last).append(next), words);
  return words.size() == 1;
}

/// Puts together what remains of a text: pieces between spans, without the white space at their ends.
class Joiner {
 public:
  Joiner(std::string_view text, const Words& words) : text_(text), words_(words) { rest_.reserve(text.size()); }

  /// The next piece. Pieces begin and end between words, or else words are cut.
  void add(std::uint64_t begin, std::uint64_t end) {
    const auto first = std::ranges::upper_bound(words_, begin, {}, &text::WrittenWord::end);
    const auto behind = std::ranges::lower_bound(words_, end, {}, &text::WrittenWord::begin);
    if (first >= behind) {
      gap_ += text_.substr(begin, end - begin);
      return;
    }
    const auto cut = [&](std::uint64_t from, std::uint64_t to) {
      from = std::max(from, begin);
      return text_.substr(from, std::min(to, end) - from);
    };
    const auto last = std::prev(behind);
    gap_ += cut(0, first->begin);
    if (!rest_.empty()) separate(cut(first->begin, first->end));
    rest_ += cut(first->begin, last->end);
    last_word_ = cut(last->begin, last->end);
    gap_ = cut(last->end, end);
  }

  std::string take() && { return std::move(rest_); }

 private:
  void separate(std::string_view next_word) {
    if (gap_.find_first_of("\n\r") != std::string::npos) {
      rest_ += '\n';
    } else if (!gap_.empty() || would_join(last_word_, next_word)) {
      rest_ += ' ';
    }
  }

  std::string_view text_;
  const Words& words_;
  std::string rest_;
  std::string_view last_word_;  ///< of rest_
  std::string gap_;             ///< white space since then
};

}  // namespace

std::string without_spans(std::string_view text, std::span<const RepeatedSpan> spans) {
  if (spans.empty()) return std::string(text);
  check(text, spans);
  Words words;
  text::append_written_words(text, words);
  Joiner joiner(text, words);
  std::uint64_t begin = 0;
  for (const RepeatedSpan& span : spans) {
    joiner.add(begin, span.begin);
    begin = span.end;
  }
  joiner.add(begin, text.size());
  return std::move(joiner).take();
}

}  // namespace farpoint::dedup
