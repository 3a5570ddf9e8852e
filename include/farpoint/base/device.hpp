// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What a run computes on and in, as its configuration spells it.
namespace farpoint {

enum class Device : std::uint8_t { automatic, cpu, cuda };
enum class Precision : std::uint8_t { fp32, bf16, fp16 };

}  // namespace farpoint
