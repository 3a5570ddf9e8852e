// SPDX-License-Identifier: Apache-2.0
#include "span_reference.hpp"

#include <map>
#include <tuple>

namespace farpoint::dedup::reference {

namespace {

struct Token {
  std::size_t begin, end;
};

std::vector<Token> tokens_of(const std::string& text) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (i == 0 || text[i - 1] == ' ') tokens.push_back({i, i});
    tokens.back().end = i + 1;
  }
  return tokens;
}

std::string window_of(const std::string& text, const std::vector<Token>& tokens, std::size_t first, std::size_t count) {
  std::string window;
  for (std::size_t i = first; i < first + count; ++i) {
    window += text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin) + " ";
  }
  return window;
}

}  // namespace

std::vector<RepeatedSpan> repeated_spans(const std::vector<Text>& texts, std::size_t count) {
  using Place = std::tuple<std::uint64_t, std::uint32_t, std::size_t>;
  std::map<std::string, Place> originals;
  for (const Text& text : texts) {
    const auto tokens = tokens_of(text.text);
    for (std::size_t i = 0; i + count <= tokens.size(); ++i) {
      const Place place(text.id, text.part, i);
      const auto found = originals.emplace(window_of(text.text, tokens, i, count), place).first;
      found->second = std::min(found->second, place);
    }
  }
  std::vector<RepeatedSpan> spans;
  for (const Text& text : texts) {
    const auto tokens = tokens_of(text.text);
    std::vector<bool> covered(tokens.size() + 1, false);
    for (std::size_t i = 0; i + count <= tokens.size(); ++i) {
      if (originals.at(window_of(text.text, tokens, i, count)) == Place(text.id, text.part, i)) continue;
      for (std::size_t k = i; k < i + count; ++k) covered[k] = true;
    }
    for (std::size_t begin = 0; begin < tokens.size(); ++begin) {
      if (!covered[begin]) continue;
      std::size_t end = begin;
      while (covered[end]) ++end;
      spans.push_back({text.id, text.part, tokens[begin].begin, tokens[end - 1].end, end - begin});
      begin = end;
    }
  }
  return spans;
}

}  // namespace farpoint::dedup::reference
