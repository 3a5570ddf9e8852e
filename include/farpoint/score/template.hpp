// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::score {

/// A text with fields in braces, such as "{question}\nAnswer:". Braces around anything but a name of small letters and
/// underscores are text.
class Template {
 public:
  /// `fields` are the names that there are, by the place of their values. Throws UsageError for any other.
  Template(std::string_view text, std::span<const std::string_view> fields);

  bool uses(std::size_t field) const;
  /// With a value for each field. A line of the template in which a field's value is empty is left out.
  std::string fill(std::span<const std::string_view> values) const;

 private:
  struct Piece {
    std::string text;
    std::optional<std::size_t> field;  // in place of the text
  };
  using Line = std::vector<Piece>;
  static Line read_line(std::string_view text, std::span<const std::string_view> fields);

  std::vector<Line> lines_;
};

}  // namespace farpoint::score
