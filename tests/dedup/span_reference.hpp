// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/dedup/repeated_spans.hpp"

namespace farpoint::dedup::reference {

struct Text {
  std::uint64_t id;
  std::uint32_t part;
  std::string text;
};

/// The repeated spans of all texts, in their order: all windows as strings in a map. Tokens stand between blanks.
std::vector<RepeatedSpan> repeated_spans(const std::vector<Text>& texts, std::size_t tokens);

}  // namespace farpoint::dedup::reference
