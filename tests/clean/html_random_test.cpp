// SPDX-License-Identifier: Apache-2.0
// strip_html against an obvious way to the same text: character by character, with a fresh search wherever one is
// needed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string>

#include "clean/random_text.hpp"
#include "farpoint/clean/html.hpp"

namespace farpoint::clean {
namespace {

enum class Kind { phrase, block, paragraph, line_break, code, hidden };

const std::map<std::string, Kind> kinds = {{"b", Kind::phrase},  {"div", Kind::block},     {"p", Kind::paragraph},
                                           {"li", Kind::block},  {"br", Kind::line_break}, {"code", Kind::code},
                                           {"svg", Kind::hidden}};

struct PlainTag {
  std::string name;
  bool ends = false, closed = false, attributes = false;
  std::size_t size = 0;
};

bool is_space(char c) {
  return c == ' ' || c == '\n';
}

/// The size of an attribute at the begin of `text`, 0 if there is none. Names are letters and hyphens here.
std::size_t attribute(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size() && (std::isalpha(text[at]) != 0 || (at > 0 && text[at] == '-'))) ++at;
  const std::string name = text.substr(0, at);
  if (name.empty()) return 0;
  std::size_t value = at;
  while (value < text.size() && is_space(text[value])) ++value;
  if (value == text.size() || text[value] != '=') {
    const bool ends = at < text.size() && (is_space(text[at]) || text[at] == '/' || text[at] == '>');
    const bool alone = name == "alt" || (name.find('-') != std::string::npos && name.back() != '-');
    return alone && ends ? at : 0;
  }
  ++value;
  while (value < text.size() && is_space(text[value])) ++value;
  if (value == text.size()) return 0;
  if (text[value] == '"' || text[value] == '\'') {
    const std::size_t end = text.find(text[value], value + 1);
    return end == std::string::npos ? 0 : end + 1;
  }
  if (text[value] == '=') return 0;
  const std::size_t end = text.find_first_of(" \n\"'<>`", value);
  return end == std::string::npos || end == value || !(is_space(text[end]) || text[end] == '>') ? 0 : end;
}

std::optional<PlainTag> plain_tag(const std::string& text) {
  PlainTag tag;
  if (text.empty() || text[0] != '<') return std::nullopt;
  std::size_t at = 1;
  if (at < text.size() && text[at] == '/') {
    tag.ends = true;
    ++at;
  }
  while (at < text.size() && std::isalpha(text[at]) != 0) tag.name += text[at++];
  if (!kinds.contains(tag.name)) return std::nullopt;
  if (at == text.size() || !(is_space(text[at]) || text[at] == '/' || text[at] == '>')) return std::nullopt;
  while (at < text.size()) {
    if (text[at] == '>') {
      tag.size = at + 1;
      return tag;
    }
    if (is_space(text[at]) || (text[at] == '/' && !tag.ends)) {
      tag.closed = text[at] == '/';
      ++at;
      continue;
    }
    const std::size_t size = tag.ends ? 0 : attribute(text.substr(at));
    if (size == 0) return std::nullopt;
    tag.closed = false;
    tag.attributes = true;
    at += size;
  }
  return std::nullopt;
}

/// Lays out text, lines and what stays as it is.
class Page {
 public:
  void character(char c) {
    if (gap_ && is_space(c)) {
      run_ += c == '\n' ? 1 : 0;
      ends_ = std::max(ends_, run_);
    } else {
      insert(std::string(1, c));
    }
  }
  void verbatim(const std::string& text) {
    if (text.empty()) return;
    insert(text);
    fixed_ = out_.size();
  }
  void boundary(std::size_t ends) {
    run_ = 0;
    while (out_.size() > fixed_ && is_space(out_.back())) {
      run_ += out_.back() == '\n' ? 1 : 0;
      out_.pop_back();
    }
    ends_ = std::max({ends_, run_, ends});
    run_ = 0;
    gap_ = true;
  }
  void line_break() { boundary(++breaks_); }
  void new_line() {
    if (gap_) {
      ends_ = std::max<std::size_t>(ends_, 1);
      end_gap();
    } else if (!out_.empty() && out_.back() != '\n') {
      out_ += '\n';
    }
  }
  void insert(const std::string& text) {
    end_gap();
    out_ += text;
  }
  const std::string& text() const { return out_; }

 private:
  void end_gap() {
    if (gap_ && !out_.empty()) {
      ends_ = std::min<std::size_t>(ends_, 2);
      std::size_t there = 0;
      while (there < ends_ && there < out_.size() && out_[out_.size() - 1 - there] == '\n') ++there;
      out_ += std::string(ends_ - there, '\n');
    }
    gap_ = false;
    ends_ = breaks_ = run_ = 0;
  }

  std::string out_;
  std::size_t fixed_ = 0, ends_ = 0, run_ = 0, breaks_ = 0;
  bool gap_ = false;
};

class PlainStripper {
 public:
  explicit PlainStripper(std::string text) : text_(std::move(text)) {}

  std::string result() {
    std::string part, fence;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
      const std::string line = text_.substr(at, end - at);
      const std::string marks = fence_of(line);
      if (fence.empty() && opens(line)) {
        prose(at - part.size(), at);
        part.clear();
        page_.new_line();
        fence = marks;
      } else if (!fence.empty() && marks.size() >= fence.size() && marks[0] == fence[0] && blank_behind(line)) {
        fence.clear();
        page_.verbatim(part + line);
        part.clear();
        at = end;
        continue;
      }
      part += line;
      at = end;
    }
    fence.empty() ? prose(text_.size() - part.size(), text_.size()) : page_.verbatim(part);
    return page_.text();
  }

 private:
  static std::string fence_of(const std::string& line) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at > 3 || (line[at] != '`' && line[at] != '~')) return "";
    const std::size_t end = std::min(line.find_first_not_of(line[at], at), line.size());
    return end - at < 3 ? "" : line.substr(at, end - at);
  }
  static bool opens(const std::string& line) {
    const std::string marks = fence_of(line);
    return !marks.empty() && (marks[0] == '~' || line.find('`', line.find(marks) + marks.size()) == std::string::npos);
  }
  static bool blank_behind(const std::string& line) {
    const std::string marks = fence_of(line);
    return line.find_first_not_of(" \n", line.find(marks) + marks.size()) == std::string::npos;
  }

  void prose(std::size_t begin, std::size_t end) {
    end_ = end;
    for (at_ = begin; at_ < end;) {
      if (code_span() || comment() || reference() || tag()) continue;
      put(at_ + 1);
    }
  }
  void put(std::size_t end) {
    for (; at_ < end; ++at_) code_.empty() ? page_.character(text_[at_]) : page_.verbatim(std::string(1, text_[at_]));
  }

  std::size_t ticks(std::size_t at) const {
    std::size_t end = at;
    while (end < end_ && text_[end] == '`') ++end;
    return end - at;
  }
  bool code_span() {
    const std::size_t length = ticks(at_);
    if (length == 0) return false;
    std::size_t closing = at_ + length;
    while (closing < end_ && text_[closing] != '\n' && ticks(closing) != length) {
      closing += std::max<std::size_t>(ticks(closing), 1);
    }
    put(closing < end_ && text_[closing] == '`' ? closing + length : at_ + length);
    return true;
  }
  bool comment() {
    if (text_.substr(at_, 4) != "<!--") return false;
    const std::size_t found = text_.substr(0, end_).find("-->", at_ + 2);
    if (found == std::string::npos) return false;
    at_ = found + 3;
    return true;
  }
  bool reference() {
    for (const auto& [name, character] : {std::pair{"&lt;", "<"}, std::pair{"&amp;", "&"}}) {
      if (!text_.substr(at_, end_ - at_).starts_with(name)) continue;
      page_.insert(character);
      at_ += std::string(name).size();
      return true;
    }
    return false;
  }
  bool end_tag_behind(std::size_t at, const std::string& name) const {
    for (; at < text_.size(); ++at) {
      const auto tag = plain_tag(text_.substr(at));
      if (tag && tag->ends && tag->name == name) return true;
    }
    return false;
  }
  bool tag() {
    const auto tag = plain_tag(text_.substr(at_, end_ - at_));
    if (!tag) return false;
    const Kind kind = kinds.at(tag->name);
    const bool alone = tag->name == "p" || tag->name == "li" || tag->name == "br";
    const bool touches = at_ > 0 && std::isalnum(text_[at_ - 1]) != 0;
    const bool bare = !tag->ends && !tag->closed && !tag->attributes;
    if (bare && touches && !alone && !end_tag_behind(at_, tag->name)) return false;
    at_ += tag->size;
    if (tag->ends && tag->name == code_) code_.clear();
    if (kind == Kind::hidden && !tag->ends && !tag->closed) return skip_hidden(tag->name);
    lay_out(kind);
    if (kind == Kind::code && bare_start(*tag) && code_.empty() && end_tag_behind(at_, tag->name)) code_ = tag->name;
    return true;
  }
  static bool bare_start(const PlainTag& tag) { return !tag.ends && !tag.closed; }
  bool skip_hidden(const std::string& name) {
    for (std::size_t at = at_; at < end_; ++at) {
      const auto tag = plain_tag(text_.substr(at, end_ - at));
      if (!tag || !tag->ends || tag->name != name) continue;
      at_ = at + tag->size;
      break;
    }
    return true;
  }
  void lay_out(Kind kind) {
    if (kind == Kind::phrase || kind == Kind::code || kind == Kind::hidden) return;
    if (!code_.empty()) return kind == Kind::line_break ? page_.insert("\n") : page_.new_line();
    kind == Kind::line_break ? page_.line_break() : page_.boundary(kind == Kind::paragraph ? 2 : 1);
  }

  std::string text_;
  Page page_;
  std::size_t at_ = 0, end_ = 0;
  std::string code_;  ///< the open element that keeps white space
};

void expect_the_plain_way(const std::vector<std::string>& pieces) {
  const bool holds = rc::check([&] {
    for (const std::string& text : *random_texts(pieces)) {
      std::string out;
      const bool changed = strip_html(text, out);
      RC_ASSERT((changed ? out : text) == PlainStripper(text).result());
      RC_ASSERT(!changed || out != text);
    }
  });
  EXPECT_TRUE(holds);
}

TEST(StripHtmlRandom, SingleCharacters) {
  expect_the_plain_way({"<", "<", ">", ">", "b", "p", "/", "\"", "-", "!", "&", ";", " ", "=", "\n", "`", "'"});
}

TEST(StripHtmlRandom, PiecesOfTags) {
  expect_the_plain_way({"<b",   "</b>", "<p>",  "</p>",  "<br>",  "<div ",  ">",  "\"", "'", " x=", " alt", "/",
                        "<!--", "-->",  "&lt;", "&amp;", "<svg>", "</svg>", "\n", " ",  "x", "b>",  "<"});
}

TEST(StripHtmlRandom, LeavesValidUtf8) {
  const bool holds = rc::check([] {
    for (const std::string& text :
         *random_texts({"<b>", "<p", ">", "é", "中", "😀", "&eacute;", "&#x1F600;", "&", ";", "`", "<td>"})) {
      std::string out;
      if (strip_html(text, out)) RC_ASSERT(is_valid_utf8(out));
    }
  });
  EXPECT_TRUE(holds);
}

TEST(StripHtmlRandom, CodeAndLines) {
  expect_the_plain_way({"<b>", "</b>", "<p>",     "<li>",  "<br>",   "<code>", "</code>",
                        "`",   "``",   "\n```\n", "~~~\n", "\n",     "\n",     " ",
                        "a",   "<!--", "-->",     "<svg>", "</svg>", "&lt;",   "<b x='`'>"});
}

}  // namespace
}  // namespace farpoint::clean
