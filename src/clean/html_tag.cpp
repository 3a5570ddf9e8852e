// SPDX-License-Identifier: Apache-2.0
#include "html_tag.hpp"

#include <algorithm>
#include <array>

namespace farpoint::clean {

namespace {

constexpr std::size_t npos = std::string_view::npos;
/// Of a quoted value: images in data URLs are long.
constexpr std::size_t longest_value = std::size_t{1} << 20;

// Boolean attributes, and others that pages leave without a value.
constexpr std::string_view valueless[] = {
    "allowfullscreen", "alt",      "async",       "autofocus", "autoplay", "checked",    "class",    "compact",
    "contenteditable", "controls", "crossorigin", "declare",   "default",  "defer",      "disabled", "download",
    "formnovalidate",  "hidden",   "href",        "inert",     "ismap",    "itemscope",  "loop",     "multiple",
    "muted",           "nohref",   "nomodule",    "noresize",  "noshade",  "novalidate", "nowrap",   "open",
    "playsinline",     "readonly", "required",    "reversed",  "scoped",   "seamless",   "selected", "style"};
static_assert(std::is_sorted(std::begin(valueless), std::end(valueless)));
constexpr std::size_t longest_valueless = 15;

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool is_letter_or_digit(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}
constexpr bool is_in(char c, std::string_view set) {
  return set.find(c) != npos;
}
/// With the marks of Vue and Angular.
constexpr bool begins_attribute(char c) {
  return is_letter(c) || is_in(c, "_:@#*([");
}
constexpr bool continues_attribute(char c) {
  return is_letter_or_digit(c) || is_in(c, "-_.:()[]");
}

bool may_lack_value(std::string_view name) {
  if (name.find('-') != npos) return is_letter(name[0]);  // data-..., v-else
  std::array<char, longest_valueless> lower_case;
  if (name.size() > lower_case.size()) return false;
  std::transform(name.begin(), name.end(), lower_case.begin(), lower);
  return std::binary_search(std::begin(valueless), std::end(valueless),
                            std::string_view(lower_case.data(), name.size()));
}

/// Reads what may come behind the name in a start tag.
class AttributeReader {
 public:
  AttributeReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  /// Up to `>`, and behind it.
  bool read(Tag& tag) {
    for (bool slash = false;; slash = false) {
      for (; more() && (is_space(now()) || now() == '/'); ++at_) slash = now() == '/';
      if (!more()) return false;
      if (now() == '>') {
        tag.self_closing = slash;
        tag.end = at_ + 1;
        return true;
      }
      if (!attribute()) return false;
      tag.has_attributes = true;
    }
  }

 private:
  bool attribute() {
    const std::size_t begin = at_;
    if (!begins_attribute(now())) return false;
    for (++at_; more() && continues_attribute(now());) ++at_;
    const std::size_t end = at_;
    skip_spaces();
    if (more() && now() == '=') {
      ++at_;
      skip_spaces();
      return more() && (now() == '"' || now() == '\'' ? quoted() : unquoted());
    }
    at_ = end;
    return ends_word() && may_lack_value(text_.substr(begin, end - begin));
  }

  bool quoted() {
    const std::size_t end = text_.substr(0, at_ + 1 + std::min(longest_value, text_.size())).find(now(), at_ + 1);
    at_ = end == npos ? text_.size() : end + 1;
    return end != npos;
  }

  bool unquoted() {
    if (is_in(now(), "={")) return false;
    const std::size_t begin = at_;
    while (more() && !is_space(now()) && !is_in(now(), "\"'<>`")) ++at_;
    return at_ > begin && ends_word();
  }

  bool ends_word() const { return more() && (is_space(now()) || now() == '/' || now() == '>'); }
  void skip_spaces() {
    while (more() && is_space(now())) ++at_;
  }
  bool more() const { return at_ < text_.size(); }
  char now() const { return text_[at_]; }

  std::string_view text_;
  std::size_t at_;
};

}  // namespace

std::optional<Tag> read_tag(std::string_view text, std::size_t at) {
  Tag tag;
  tag.ends = at + 1 < text.size() && text[at + 1] == '/';
  const std::size_t begin = at + (tag.ends ? 2 : 1);
  std::size_t end = begin;
  while (end < text.size() && end - begin <= longest_element_name && is_letter_or_digit(text[end])) ++end;
  if (end == text.size() || !(is_space(text[end]) || text[end] == '>' || text[end] == '/')) return std::nullopt;
  tag.element = find_element(text.substr(begin, end - begin));
  if (tag.element == nullptr) return std::nullopt;
  if (!tag.ends) return AttributeReader(text, end).read(tag) ? std::optional(tag) : std::nullopt;
  while (end < text.size() && is_space(text[end])) ++end;
  if (end == text.size() || text[end] != '>') return std::nullopt;
  tag.end = end + 1;
  return tag;
}

}  // namespace farpoint::clean
