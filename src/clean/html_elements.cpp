// SPDX-License-Identifier: Apache-2.0
#include "html_elements.hpp"

#include <algorithm>
#include <array>

namespace farpoint::clean {

namespace {

// HTML Standard, "Index of elements" and "Obsolete features"; MathML Core.
constexpr Element elements[] = {
    {"a", ElementKind::phrase, false},
    {"abbr", ElementKind::phrase, false},
    {"acronym", ElementKind::phrase, false},
    {"address", ElementKind::block, false},
    {"annotation", ElementKind::in_math, false},
    {"applet", ElementKind::phrase, false},
    {"area", ElementKind::phrase, true},
    {"article", ElementKind::block, false},
    {"aside", ElementKind::block, false},
    {"audio", ElementKind::phrase, false},
    {"b", ElementKind::phrase, false},
    {"base", ElementKind::phrase, true},
    {"basefont", ElementKind::phrase, true},
    {"bdi", ElementKind::phrase, false},
    {"bdo", ElementKind::phrase, false},
    {"bgsound", ElementKind::phrase, true},
    {"big", ElementKind::phrase, false},
    {"blink", ElementKind::phrase, false},
    {"blockquote", ElementKind::block, false},
    {"body", ElementKind::block, true},
    {"br", ElementKind::line_break, true},
    {"button", ElementKind::phrase, false},
    {"canvas", ElementKind::phrase, false},
    {"caption", ElementKind::block, true},
    {"center", ElementKind::block, false},
    {"cite", ElementKind::phrase, false},
    {"code", ElementKind::code, false},
    {"col", ElementKind::block, true},
    {"colgroup", ElementKind::block, true},
    {"command", ElementKind::phrase, true},
    {"data", ElementKind::phrase, false},
    {"datalist", ElementKind::phrase, false},
    {"dd", ElementKind::block, true},
    {"del", ElementKind::phrase, false},
    {"details", ElementKind::block, false},
    {"dfn", ElementKind::phrase, false},
    {"dialog", ElementKind::block, false},
    {"dir", ElementKind::block, false},
    {"div", ElementKind::block, false},
    {"dl", ElementKind::block, false},
    {"dt", ElementKind::block, true},
    {"em", ElementKind::phrase, false},
    {"embed", ElementKind::phrase, true},
    {"fieldset", ElementKind::block, false},
    {"figcaption", ElementKind::block, false},
    {"figure", ElementKind::block, false},
    {"font", ElementKind::phrase, false},
    {"footer", ElementKind::block, false},
    {"form", ElementKind::block, false},
    {"frame", ElementKind::phrase, true},
    {"frameset", ElementKind::block, false},
    {"h1", ElementKind::block, false},
    {"h2", ElementKind::block, false},
    {"h3", ElementKind::block, false},
    {"h4", ElementKind::block, false},
    {"h5", ElementKind::block, false},
    {"h6", ElementKind::block, false},
    {"head", ElementKind::block, true},
    {"header", ElementKind::block, false},
    {"hgroup", ElementKind::block, false},
    {"hr", ElementKind::block, true},
    {"html", ElementKind::block, true},
    {"i", ElementKind::phrase, false},
    {"iframe", ElementKind::hidden, false},
    {"image", ElementKind::phrase, true},
    {"img", ElementKind::phrase, true},
    {"input", ElementKind::phrase, true},
    {"ins", ElementKind::phrase, false},
    {"isindex", ElementKind::phrase, true},
    {"kbd", ElementKind::phrase, false},
    {"keygen", ElementKind::phrase, true},
    {"label", ElementKind::phrase, false},
    {"legend", ElementKind::block, false},
    {"li", ElementKind::block, true},
    {"link", ElementKind::phrase, true},
    {"listing", ElementKind::preformatted, false},
    {"maction", ElementKind::in_math, false},
    {"main", ElementKind::block, false},
    {"map", ElementKind::phrase, false},
    {"mark", ElementKind::phrase, false},
    {"marquee", ElementKind::block, false},
    {"math", ElementKind::math, false},
    {"menclose", ElementKind::in_math, false},
    {"menu", ElementKind::block, false},
    {"menuitem", ElementKind::block, true},
    {"merror", ElementKind::in_math, false},
    {"meta", ElementKind::phrase, true},
    {"meter", ElementKind::phrase, false},
    {"mfenced", ElementKind::in_math, false},
    {"mfrac", ElementKind::in_math, false},
    {"mi", ElementKind::in_math, false},
    {"mmultiscripts", ElementKind::in_math, false},
    {"mn", ElementKind::in_math, false},
    {"mo", ElementKind::in_math, false},
    {"mover", ElementKind::in_math, false},
    {"mpadded", ElementKind::in_math, false},
    {"mphantom", ElementKind::in_math, false},
    {"mprescripts", ElementKind::in_math, false},
    {"mroot", ElementKind::in_math, false},
    {"mrow", ElementKind::in_math, false},
    {"ms", ElementKind::in_math, false},
    {"mspace", ElementKind::in_math, false},
    {"msqrt", ElementKind::in_math, false},
    {"mstyle", ElementKind::in_math, false},
    {"msub", ElementKind::in_math, false},
    {"msubsup", ElementKind::in_math, false},
    {"msup", ElementKind::in_math, false},
    {"mtable", ElementKind::in_math, false},
    {"mtd", ElementKind::in_math, false},
    {"mtext", ElementKind::in_math, false},
    {"mtr", ElementKind::in_math, false},
    {"multicol", ElementKind::block, false},
    {"munder", ElementKind::in_math, false},
    {"munderover", ElementKind::in_math, false},
    {"nav", ElementKind::block, false},
    {"nobr", ElementKind::phrase, false},
    {"noembed", ElementKind::block, false},
    {"noframes", ElementKind::block, false},
    {"none", ElementKind::in_math, false},
    {"noscript", ElementKind::hidden, false},
    {"object", ElementKind::hidden, false},
    {"ol", ElementKind::block, false},
    {"optgroup", ElementKind::block, true},
    {"option", ElementKind::block, true},
    {"output", ElementKind::phrase, false},
    {"p", ElementKind::paragraph, true},
    {"param", ElementKind::phrase, true},
    {"picture", ElementKind::phrase, false},
    {"plaintext", ElementKind::preformatted, true},
    {"pre", ElementKind::preformatted, false},
    {"progress", ElementKind::phrase, false},
    {"q", ElementKind::phrase, false},
    {"rb", ElementKind::phrase, true},
    {"rp", ElementKind::phrase, true},
    {"rt", ElementKind::phrase, true},
    {"rtc", ElementKind::phrase, true},
    {"ruby", ElementKind::phrase, false},
    {"s", ElementKind::phrase, false},
    {"samp", ElementKind::phrase, false},
    {"script", ElementKind::hidden, false},
    {"search", ElementKind::block, false},
    {"section", ElementKind::block, false},
    {"select", ElementKind::phrase, false},
    {"semantics", ElementKind::in_math, false},
    {"slot", ElementKind::phrase, false},
    {"small", ElementKind::phrase, false},
    {"source", ElementKind::phrase, true},
    {"spacer", ElementKind::phrase, true},
    {"span", ElementKind::phrase, false},
    {"strike", ElementKind::phrase, false},
    {"strong", ElementKind::phrase, false},
    {"style", ElementKind::hidden, false},
    {"sub", ElementKind::phrase, false},
    {"summary", ElementKind::block, false},
    {"sup", ElementKind::phrase, false},
    {"svg", ElementKind::hidden, false},
    {"table", ElementKind::block, false},
    {"tbody", ElementKind::block, true},
    {"td", ElementKind::cell, true},
    {"template", ElementKind::hidden, false},
    {"textarea", ElementKind::code, false},
    {"tfoot", ElementKind::block, true},
    {"th", ElementKind::cell, true},
    {"thead", ElementKind::block, true},
    {"time", ElementKind::phrase, false},
    {"title", ElementKind::block, false},
    {"tr", ElementKind::row, true},
    {"track", ElementKind::phrase, true},
    {"tt", ElementKind::phrase, false},
    {"u", ElementKind::phrase, false},
    {"ul", ElementKind::block, false},
    {"var", ElementKind::phrase, false},
    {"video", ElementKind::phrase, false},
    {"wbr", ElementKind::phrase, true},
    {"xmp", ElementKind::preformatted, false},
};
static_assert(std::size(elements) == element_count);

constexpr bool by_name(const Element& left, const Element& right) {
  return left.name < right.name;
}
static_assert(std::is_sorted(std::begin(elements), std::end(elements), by_name));

/// Where the elements begin that begin with each letter.
constexpr auto first_of_letter = [] {
  std::array<std::size_t, 27> first = {};
  for (std::size_t letter = 0; letter < 27; ++letter) {
    while (first[letter] < element_count && elements[first[letter]].name[0] < static_cast<char>('a' + letter)) {
      ++first[letter];
    }
  }
  return first;
}();

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

const Element* find_element(std::string_view name) {
  if (name.empty() || name.size() > longest_element_name) return nullptr;
  std::array<char, longest_element_name> lower_case;
  std::transform(name.begin(), name.end(), lower_case.begin(), lower);
  const std::string_view wanted(lower_case.data(), name.size());
  if (wanted[0] < 'a' || wanted[0] > 'z') return nullptr;
  const std::size_t letter = static_cast<std::size_t>(wanted[0] - 'a');
  for (std::size_t i = first_of_letter[letter]; i < first_of_letter[letter + 1]; ++i) {
    if (elements[i].name == wanted) return &elements[i];
  }
  return nullptr;
}

std::size_t element_index(const Element& element) {
  return static_cast<std::size_t>(&element - elements);
}

}  // namespace farpoint::clean
