// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace farpoint {

/// Cores this process may use (its affinity mask), at least 1.
int available_cores();

/// Memory that can be had without swapping, in bytes: the smaller of the machine's and the control group's.
std::uint64_t available_memory();

/// Largest resident size of this process so far, in bytes.
std::uint64_t peak_memory();

/// Sets the number of threads that this process' parallel regions use. Call it once, before the first of them.
void set_threads(int threads);

std::string host_name();

}  // namespace farpoint
