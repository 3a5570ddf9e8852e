// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace farpoint::clean {

/// What an element does to the text in it.
enum class ElementKind : std::uint8_t {
  phrase,      ///< nothing
  block,       ///< lines of its own
  paragraph,   ///< and a blank line around them
  line_break,  ///< br
  row,
  cell,
  preformatted,  ///< a block whose white space stays
  code,          ///< phrases whose white space stays
  hidden,        ///< its contents are not for readers
  math,          ///< math itself; nothing
  in_math,       ///< an element only within math; nothing
};

struct Element {
  std::string_view name;
  ElementKind kind;
  bool alone;  ///< needs no end tag
};

/// The elements of HTML, obsolete ones too, and the roots of SVG and MathML, by a name of any case. Null if there is
/// none.
const Element* find_element(std::string_view name);

inline constexpr std::size_t longest_element_name = 13;
inline constexpr std::size_t element_count = 175;
std::size_t element_index(const Element& element);  ///< < element_count

}  // namespace farpoint::clean
