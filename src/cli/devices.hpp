// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::cli {

/// A GPU as its maker's data sheet has it: products of matrices in 16 bits (bfloat16; float16 on the V100, which has no
/// other), dense, with their sums in float32.
struct Device {
  std::string_view name;
  double flops = 0;          ///< a second, at the peak
  double bandwidth = 0;      ///< of its memory, bytes/s
  std::uint64_t memory = 0;  ///< bytes
};

/// What models reach of the peak, in our experience and that of others: 30 to 50 %.
constexpr double device_utilisation = 0.4;

std::vector<std::string> device_names();

/// Throws UsageError with the names that there are.
const Device& find_device(std::string_view name);

}  // namespace farpoint::cli
