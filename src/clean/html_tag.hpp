// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "html_elements.hpp"

namespace farpoint::clean {

struct Tag {
  const Element* element = nullptr;
  bool ends = false;  ///< an end tag
  bool self_closing = false;
  bool has_attributes = false;
  std::size_t end = 0;  ///< behind its `>`
};

/// The tag whose `<` is at `at`. None unless it is the name of an element directly behind `<` or `</`, and in a start
/// tag attributes, up to `>`. An attribute without a value must be one that HTML knows so: `<b and c>` is no tag.
///
/// Calls for each `<` of a text cost O(text) together, although a call may fail after a long way: those that read the
/// same byte differ in whether and in which quotes they are there (else the later one's `<`, to the earlier one outside
/// of quotes, would have ended that). What any byte does to this state is a permutation, so that the calls keep
/// different states, of which there are three.
std::optional<Tag> read_tag(std::string_view text, std::size_t at);

}  // namespace farpoint::clean
