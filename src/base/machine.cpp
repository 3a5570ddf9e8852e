// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/machine.hpp"

#include <omp.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>

namespace farpoint {

namespace {

constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t machine_memory() {
  std::ifstream info("/proc/meminfo");
  std::string key, unit;
  std::uint64_t kibibytes = 0;
  while (info >> key >> kibibytes) {
    if (key == "MemAvailable:") return kibibytes * 1024;
    std::getline(info, unit);
  }
  return unlimited;
}

/// A number from a control group's file; "max" and a missing file mean no limit.
std::uint64_t read_limit(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = unlimited;
  return file >> value ? value : unlimited;
}

std::uint64_t group_memory() {
  const std::uint64_t limit = read_limit("/sys/fs/cgroup/memory.max");
  const std::uint64_t used = read_limit("/sys/fs/cgroup/memory.current");
  if (limit == unlimited || used == unlimited) return unlimited;
  return limit > used ? limit - used : 0;
}

}  // namespace

int available_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::uint64_t available_memory() {
  return std::min(machine_memory(), group_memory());
}

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void set_threads(int threads) {
  omp_set_num_threads(threads);
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace farpoint
