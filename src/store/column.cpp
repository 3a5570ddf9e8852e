// SPDX-License-Identifier: Apache-2.0
#include "farpoint/store/column.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/error.hpp"

namespace farpoint::store {

std::size_t Column::rows() const {
  const auto count = std::visit([](const auto& typed) { return typed.size(); }, values);
  return width == 0 ? count : count / width;
}

std::string_view type_name(const Values& values) {
  // In the order of the alternatives.
  static constexpr std::array<std::string_view, std::variant_size_v<Values>> names = {
      "uint8", "uint32", "int64", "uint64", "float32", "float64", "text"};
  return names[values.index()];
}

void throw_wrong_type(const Column& column) {
  throw Error(fmt::format("column '{}' holds {} values, which is not the type that is needed here", column.name,
                          type_name(column.values)));
}

}  // namespace farpoint::store
