// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace farpoint::clean {

/// The next place of a string in a text, for questions that never go back: what has been found, or not, is remembered,
/// so that all questions together cost one pass.
class ForwardSearch {
 public:
  /// The string must outlive this.
  explicit ForwardSearch(std::string_view wanted) : wanted_(wanted) {}

  /// The first place at `from` or behind that lies before `end`; npos if there is none.
  std::size_t next(std::string_view text, std::size_t from, std::size_t end) {
    constexpr std::size_t npos = std::string_view::npos;
    const bool passed = found_ != npos && found_ < from;
    const bool not_searched = found_ == npos && end > searched_;
    if (passed || not_searched) {
      found_ =
          wanted_.size() == 1 ? text.substr(0, end).find(wanted_[0], from) : text.substr(0, end).find(wanted_, from);
      searched_ = end;
    }
    return found_ == npos || found_ + wanted_.size() > end ? npos : found_;
  }

 private:
  std::string_view wanted_;
  std::size_t found_ = std::string_view::npos;
  std::size_t searched_ = 0;  ///< where the part ends in which there is no other
};

}  // namespace farpoint::clean
