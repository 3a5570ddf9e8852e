// SPDX-License-Identifier: Apache-2.0
// jobs/json_number.hpp: numbers in JSON, which has neither NaN nor infinity.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace farpoint::jobs {

/// Null for what is no number there.
inline nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace farpoint::jobs
