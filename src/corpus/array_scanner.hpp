// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace farpoint::corpus {

/// Finds where the elements of a JSON array end, in bytes that arrive in pieces. Knows strings, escapes and brackets,
/// and nothing else of JSON: faulty elements are found like others and left to the parser.
class ArrayScanner {
 public:
  static constexpr std::size_t npos = std::string_view::npos;

  /// `bytes` follow those of the last call, or the separator at which it stopped. Position of the comma behind the
  /// element or of the bracket that closes the array; npos when neither is in `bytes`.
  std::size_t find_end(std::string_view bytes);
  /// Whether the bytes so far end inside a string, an object or a nested array.
  bool inside_value() const { return in_string_ || depth_ > 0; }

 private:
  std::size_t leave_string(std::string_view bytes, std::size_t from);

  std::uint64_t depth_ = 0;  ///< open brackets within the element
  bool in_string_ = false;
  bool escaped_ = false;  ///< in a string: the next byte is escaped
};

}  // namespace farpoint::corpus
