// SPDX-License-Identifier: Apache-2.0
#include "html_end_tags.hpp"

#include "html_tag.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view mark = "</";

}  // namespace

bool EndTags::exist_behind(std::size_t at, const Element& element) {
  if (!known_) {
    known_ = true;
    for (std::size_t found = text_.find(mark); found != npos; found = text_.find(mark, found + 1)) {
      if (const auto tag = read_tag(text_, found)) last_[element_index(*tag->element)] = found;
    }
  }
  return last_[element_index(element)] > at;
}

std::optional<Range> EndTags::next(const Element& element, std::size_t from, std::size_t end) {
  std::size_t& none_before = none_before_[element_index(element)];
  if (end <= none_before || !exist_behind(from - 1, element)) return std::nullopt;
  const std::string_view part = text_.substr(0, end);
  for (std::size_t at = part.find(mark, from); at != npos; at = part.find(mark, at + 1)) {
    const auto tag = read_tag(part, at);
    if (tag && tag->element == &element) return Range{at, tag->end};
  }
  none_before = end;
  return std::nullopt;
}

}  // namespace farpoint::clean
