// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "personal_match.hpp"

namespace farpoint::clean {

/// The IPv4 address that begins with the digits at `at`, if it may be that of somebody.
std::optional<Span> find_ipv4(std::string_view text, std::size_t at);

/// Finds IPv6 addresses around colons, which must be given from left to right.
class Ipv6Finder {
 public:
  std::optional<Span> find(std::string_view text, std::size_t colon, std::size_t floor);

 private:
  std::size_t examined_ = 0;  ///< colons before it belong to what has been looked at
};

}  // namespace farpoint::clean
