// SPDX-License-Identifier: Apache-2.0
#include "control_group.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace farpoint {

namespace {

namespace fs = std::filesystem;

/// A number from a control group's file; "max" and a missing file mean no limit.
std::uint64_t read_number(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t value = no_memory_limit;
  return file >> value ? value : no_memory_limit;
}

std::uint64_t cached_files(const fs::path& folder) {
  std::ifstream file(folder / "memory.stat");
  std::string key;
  std::uint64_t value = 0;
  std::uint64_t cached = 0;
  while (file >> key >> value) {
    if (key == "active_file" || key == "inactive_file") cached += value;
  }
  return cached;
}

std::uint64_t left_in(const fs::path& folder) {
  const std::uint64_t limit = read_number(folder / "memory.max");
  const std::uint64_t charged = read_number(folder / "memory.current");
  if (limit == no_memory_limit || charged == no_memory_limit) return no_memory_limit;
  const std::uint64_t used = charged - std::min(charged, cached_files(folder));
  return limit > used ? limit - used : 0;
}

}  // namespace

fs::path own_control_group() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return "/";
}

std::uint64_t control_group_memory(const fs::path& root, const fs::path& group) {
  fs::path folder = root;
  std::uint64_t left = left_in(folder);
  for (const auto& part : group.relative_path()) {
    folder /= part;
    left = std::min(left, left_in(folder));
  }
  return left;
}

}  // namespace farpoint
