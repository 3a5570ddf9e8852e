// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/html.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "code_spans.hpp"
#include "forward_search.hpp"
#include "html_elements.hpp"
#include "html_end_tags.hpp"
#include "html_entities.hpp"
#include "html_tag.hpp"
#include "text_flow.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view section_begin = "<![CDATA[", section_end = "]]>";

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool same_letters(std::string_view text, std::string_view lower_case) {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

/// The end of a construct whose last string was found at `at`.
std::size_t behind(std::size_t at, std::string_view last) {
  return at == npos ? 0 : at + last.size();
}

class Stripper {
 public:
  explicit Stripper(std::string_view text) : text_(text), flow_(text), end_tags_(text) {}

  void prose(Range part);
  void code(Range part) {
    flow_.new_line();
    flow_.verbatim(part);
  }
  bool finish(std::string& out) { return flow_.finish(out); }

 private:
  // Of what is at a `<` or `&`: its end, if it is something to be treated, which then has been done; else 0.
  std::size_t reference(std::size_t at);
  std::size_t markup(std::size_t at);
  std::size_t doctype(std::size_t at);
  std::size_t tag(std::size_t at);

  bool is_type_argument(std::size_t at, const Tag& tag);
  std::size_t start(const Tag& tag);
  void end(const Tag& tag);
  void lay_out(const Tag& tag);
  void write_until(std::size_t at);
  std::size_t remove(std::size_t begin, std::size_t end);
  bool stands_at(std::size_t at, std::string_view what) const { return text_.substr(at, what.size()) == what; }

  std::string_view text_;
  TextFlow flow_;
  EndTags end_tags_;
  ForwardSearch less_{"<"}, ampersand_{"&"}, comment_end_{"-->"}, section_end_{section_end}, instruction_end_{"?>"};
  std::size_t part_end_ = 0;
  std::size_t written_ = 0;                ///< what comes before has been given to flow_, or removed
  std::size_t section_ = npos;             ///< the end of the CDATA section in which we are
  const Element* preformatted_ = nullptr;  ///< the outermost element that keeps white space
  std::size_t math_ = 0;                   ///< open ones
};

void Stripper::prose(Range part) {
  part_end_ = part.end;
  written_ = part.begin;
  CodeSpans spans(text_, part);
  for (std::size_t at = part.begin; at < part.end;) {
    if (section_ < at) section_ = npos;
    at = std::min({less_.next(text_, at, part.end), ampersand_.next(text_, at, part.end), section_});
    if (at >= part.end) break;
    const std::size_t end_of_span = spans.end_of_span(at, written_);
    if (end_of_span > at) {
      at = end_of_span;
      continue;
    }
    std::size_t end = 0;
    if (at == section_) {
      end = remove(at, at + section_end.size());
    } else {
      end = text_[at] == '<' ? markup(at) : reference(at);
    }
    at = std::max(end, at + 1);
  }
  write_until(part.end);
}

std::size_t Stripper::reference(std::size_t at) {
  const CharacterReference found = read_character_reference(text_.substr(at, part_end_ - at));
  if (found.code_point == 0) return 0;
  std::array<char, U8_MAX_LENGTH> utf8;
  std::size_t length = 0;
  U8_APPEND_UNSAFE(utf8.data(), length, found.code_point);
  remove(at, at + found.bytes);
  flow_.insert({utf8.data(), length});
  return at + found.bytes;
}

std::size_t Stripper::markup(std::size_t at) {
  std::size_t end = 0;
  if (stands_at(at, "<!--")) {
    end = behind(comment_end_.next(text_, at + 2, part_end_), "-->");  // <!--> is one, too
  } else if (stands_at(at, section_begin)) {
    const std::size_t found = section_ == npos ? section_end_.next(text_, at, part_end_) : npos;
    if (found == npos) return 0;
    section_ = found;
    end = at + section_begin.size();
  } else if (stands_at(at, "<?xml")) {
    end = behind(instruction_end_.next(text_, at, part_end_), "?>");
  } else {
    return stands_at(at, "<!") ? doctype(at) : tag(at);
  }
  return end == 0 ? 0 : remove(at, end);
}

std::size_t Stripper::doctype(std::size_t at) {
  constexpr std::string_view name = "doctype";
  const std::size_t behind_name = at + 2 + name.size();
  if (!same_letters(text_.substr(at + 2, name.size()), name) || behind_name >= part_end_) return 0;
  const std::size_t end = text_.find_first_of("<>", behind_name);
  if (end >= part_end_ || text_[end] == '<' || is_word(text_[behind_name])) return 0;
  remove(at, end + 1);
  flow_.block(0);
  return end + 1;
}

std::size_t Stripper::tag(std::size_t at) {
  const auto tag = read_tag(text_.substr(0, part_end_), at);
  if (!tag || is_type_argument(at, *tag) || (tag->element->kind == ElementKind::in_math && math_ == 0)) return 0;
  remove(at, tag->end);
  if (tag->ends) {
    end(*tag);
  } else {
    written_ = start(*tag);
  }
  return written_;
}

/// List<object>
bool Stripper::is_type_argument(std::size_t at, const Tag& tag) {
  const bool looks_so = !tag.ends && !tag.has_attributes && !tag.self_closing && at > 0 && is_word(text_[at - 1]);
  return looks_so && !tag.element->alone && !end_tags_.exist_behind(at, *tag.element);
}

/// Returns the end of what goes with the tag.
std::size_t Stripper::start(const Tag& tag) {
  const ElementKind kind = tag.element->kind;
  if (tag.self_closing) {
    lay_out(tag);
    return tag.end;
  }
  if (kind == ElementKind::hidden) {
    const auto end = end_tags_.next(*tag.element, tag.end, part_end_);
    return end ? end->end : tag.end;
  }
  lay_out(tag);
  if (kind == ElementKind::math) ++math_;
  const bool keeps_white_space = kind == ElementKind::preformatted || kind == ElementKind::code;
  if (keeps_white_space && preformatted_ == nullptr && end_tags_.exist_behind(tag.end - 1, *tag.element)) {
    preformatted_ = tag.element;
  }
  const bool empty_line = kind == ElementKind::preformatted && tag.end < part_end_ && text_[tag.end] == '\n';
  return tag.end + (empty_line ? 1 : 0);  // the parser of HTML drops it
}

void Stripper::end(const Tag& tag) {
  if (tag.element == preformatted_) preformatted_ = nullptr;
  if (tag.element->kind == ElementKind::math && math_ > 0) --math_;
  lay_out(tag);
}

void Stripper::lay_out(const Tag& tag) {
  const bool verbatim = preformatted_ != nullptr;
  switch (tag.element->kind) {
    case ElementKind::block:
    case ElementKind::preformatted:
      return verbatim ? flow_.new_line() : flow_.block(1);
    case ElementKind::paragraph:
      return verbatim ? flow_.new_line() : flow_.block(2);
    case ElementKind::line_break:
      return verbatim ? flow_.insert("\n") : flow_.line_break();
    case ElementKind::row:
      return verbatim ? flow_.new_line() : flow_.row();
    case ElementKind::cell:
      return verbatim ? flow_.new_line() : flow_.cell(!tag.ends);
    case ElementKind::phrase:
    case ElementKind::code:
    case ElementKind::hidden:
    case ElementKind::math:
    case ElementKind::in_math:
      return;
  }
}

void Stripper::write_until(std::size_t at) {
  if (at > written_) {
    preformatted_ != nullptr ? flow_.verbatim({written_, at}) : flow_.text({written_, at});
  }
  written_ = at;
}

std::size_t Stripper::remove(std::size_t begin, std::size_t end) {
  write_until(begin);
  written_ = end;
  return end;
}

}  // namespace

bool strip_html(std::string_view utf8, std::string& out) {
  if (utf8.find('<') == npos && utf8.find('&') == npos) return false;
  Stripper stripper(utf8);
  for_each_part(
      utf8, [&](Range part) { stripper.prose(part); }, [&](Range part) { stripper.code(part); });
  return stripper.finish(out);
}

}  // namespace farpoint::clean
