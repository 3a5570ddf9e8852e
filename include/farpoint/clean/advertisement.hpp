// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace farpoint::clean {

struct AdvertisementLines {
  std::uint64_t lines = 0;     ///< that are not blank
  std::uint64_t matching = 0;  ///< of these
};

/// Counts the lines of `utf8` that read like advertising, navigation or boilerplate of web pages, in English or
/// Chinese: "click here to", "all rights reserved", "扫码关注". The phrases stand in
/// src/clean/advertisement_patterns.cpp; whoever changes them changes results. Lines end with "\n". Thread-safe;
/// linear.
AdvertisementLines advertisement_lines(std::string_view utf8);

}  // namespace farpoint::clean
