// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "code_spans.hpp"
#include "html_elements.hpp"

namespace farpoint::clean {

/// Where the end tags of a text are. It reads the text when it is first asked.
class EndTags {
 public:
  /// The text must outlive this.
  explicit EndTags(std::string_view text) : text_(text) {}

  bool exist_behind(std::size_t at, const Element& element);

  /// The first one of the element in [from, end). Costs O(text) for each element, if questions do not go back and each
  /// starts behind what the one before has found.
  std::optional<Range> next(const Element& element, std::size_t from, std::size_t end);

 private:
  std::string_view text_;
  bool known_ = false;
  std::array<std::size_t, element_count> last_ = {};  ///< 0 if there is none
  std::array<std::size_t, element_count> none_before_ = {};
};

}  // namespace farpoint::clean
