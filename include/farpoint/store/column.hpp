// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace farpoint::store {

/// Texts in one piece of memory: text i is bytes[offsets[i]] to bytes[offsets[i + 1]].
struct Strings {
  std::vector<std::uint64_t> offsets{0};
  std::string bytes;

  std::size_t size() const { return offsets.size() - 1; }
  std::string_view operator[](std::size_t i) const {
    return std::string_view(bytes).substr(offsets[i], offsets[i + 1] - offsets[i]);
  }
  /// Valid as long as nothing is added.
  std::vector<std::string_view> views() const {
    std::vector<std::string_view> views;
    views.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) views.push_back((*this)[i]);
    return views;
  }
  void push_back(std::string_view text) {
    bytes.append(text);
    offsets.push_back(bytes.size());
  }
  bool operator==(const Strings&) const = default;
};

using Values = std::variant<std::vector<std::uint8_t>, std::vector<std::uint32_t>, std::vector<std::int64_t>,
                            std::vector<std::uint64_t>, std::vector<float>, std::vector<double>, Strings>;

/// One value (or one row of `width` values) a record.
struct Column {
  std::string name;  ///< may hold '/' (a group) and '.'
  Values values;
  std::size_t width = 0;  ///< 0: one value a record; else the row length of a 2-D column (row-major). Texts: 0.

  std::size_t rows() const;
  bool operator==(const Column&) const = default;

  /// The values as type T. Throws Error naming the column when they are of another type.
  template <typename T>
  const T& as() const;
};

/// Name of the element type as it is shown to people: "uint64", "float32", "text".
std::string_view type_name(const Values& values);

[[noreturn]] void throw_wrong_type(const Column& column);

template <typename T>
const T& Column::as() const {
  if (const auto* typed = std::get_if<T>(&values)) return *typed;
  throw_wrong_type(*this);
}

}  // namespace farpoint::store
