// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

namespace farpoint::corpus {

/// Finds where one element of a JSON array ends, in bytes that arrive in pieces. Knows strings, escapes and brackets,
/// and nothing else of JSON: faulty elements are found like others and left to the parser. Only where a lost quote,
/// brace or comma joins two records it says so, because one fault would hide the other records; see damage().
class ArrayScanner {
 public:
  static constexpr std::size_t npos = std::string_view::npos;

  /// `bytes` follow those of the last call. Position of the comma behind the element or of the bracket that closes the
  /// array; npos when neither is in `bytes`, or where damage() was found.
  std::size_t find_end(std::string_view bytes);
  /// Why the element may hold more than one record, as the rest of a sentence about it; empty when it does not. Of
  /// valid JSON it is always empty.
  std::string_view damage() const { return damage_; }
  /// Whether the bytes so far end inside a string, an object or a nested array, or behind a bracket of the wrong kind
  /// (of a last element without its brace, the array's bracket).
  bool inside_value() const { return in_string_ || depth_ > 0 || mismatched_; }

 private:
  /// What the end of a string looks like when it has run from one record into the next: "}, {" and then the quote that
  /// begins the next key.
  enum class Border : std::uint8_t { none, brace, comma, crossed };
  /// Kinds of brackets are kept so far: no parser accepts deeper ones.
  static constexpr std::size_t known_depth = 1024;

  void take(char byte);
  void open(char byte);
  void close(char byte);
  std::size_t leave_string(std::string_view bytes, std::size_t from);
  void follow_border(std::string_view piece);
  std::size_t check_border(std::string_view bytes, std::size_t from);

  std::uint64_t depth_ = 0;             ///< open brackets within the element
  std::bitset<known_depth> is_object_;  ///< of each open bracket
  std::string_view damage_;
  char before_ = 0;          ///< the structural byte before this one
  bool has_object_ = false;  ///< a complete or begun object stands in the element
  bool mismatched_ = false;
  bool in_string_ = false;
  bool escaped_ = false;          ///< in a string: the next byte is escaped
  Border border_ = Border::none;  ///< in a string: of its bytes so far; behind it: crossed until the next byte is known
};

}  // namespace farpoint::corpus
