// SPDX-License-Identifier: Apache-2.0
#include "number_type.hpp"

#include <array>
#include <vector>

#include "hdf5_error.hpp"

namespace farpoint::store {

namespace {

const std::array<Values, std::variant_size_v<Values>>& alternatives() {
  static const std::array<Values, std::variant_size_v<Values>> all = {std::vector<std::uint8_t>(),
                                                                      std::vector<std::uint32_t>(),
                                                                      std::vector<std::int64_t>(),
                                                                      std::vector<std::uint64_t>(),
                                                                      std::vector<float>(),
                                                                      std::vector<double>(),
                                                                      Strings()};
  return all;
}

bool is_stored_as(const Values& values, hid_t type) {
  return std::visit(
      [&]<typename Typed>(const Typed&) {
        if constexpr (std::is_same_v<Typed, Strings>) {
          return false;
        } else {
          return checked(H5Tequal(type, stored_type<typename Typed::value_type>()), "compare types") > 0;
        }
      },
      values);
}

}  // namespace

std::optional<Values> no_values(std::string_view type) {
  for (const auto& values : alternatives()) {
    if (type_name(values) == type) return values;
  }
  return std::nullopt;
}

std::optional<std::string_view> stored_type_name(hid_t type) {
  for (const auto& values : alternatives()) {
    if (is_stored_as(values, type)) return type_name(values);
  }
  return std::nullopt;
}

}  // namespace farpoint::store
