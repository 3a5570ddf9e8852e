// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "farpoint/pipeline/options.hpp"
#include "farpoint/select/distance.hpp"

namespace farpoint::pipeline {

template <>
struct Names<select::Metric> {
  static constexpr std::array<std::string_view, 2> values{"cosine", "l2"};
};

}  // namespace farpoint::pipeline
