// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "farpoint/models/execution.hpp"

namespace farpoint::models {

/// An Execution on this machine.
struct ResolvedExecution {
  std::optional<int> gpu;  ///< which; unset: on the CPU
  Precision precision = Precision::fp32;
};

/// Throws UsageError when `execution` asks for a GPU and there is none.
ResolvedExecution resolve(const Execution& execution);

}  // namespace farpoint::models
