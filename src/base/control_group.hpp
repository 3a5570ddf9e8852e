// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace farpoint {

constexpr auto no_memory_limit = std::numeric_limits<std::uint64_t>::max();

/// This process' control group (version 2), relative to the root of the hierarchy: "/" where there is none.
std::filesystem::path own_control_group();

/// Memory in bytes that the group and all groups around it still allow. Cached files count as free, as the kernel drops
/// them when memory is asked for. `root` is where the hierarchy is mounted. no_memory_limit where nothing limits.
std::uint64_t control_group_memory(const std::filesystem::path& root, const std::filesystem::path& group);

}  // namespace farpoint
