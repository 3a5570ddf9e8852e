// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/machine.hpp"

#include <omp.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "control_group.hpp"

namespace farpoint {

namespace {

std::uint64_t machine_memory() {
  std::ifstream info("/proc/meminfo");
  std::string key, unit;
  std::uint64_t kibibytes = 0;
  while (info >> key >> kibibytes) {
    if (key == "MemAvailable:") return kibibytes * 1024;
    std::getline(info, unit);
  }
  return no_memory_limit;
}

}  // namespace

CoreMask usable_cores() {
  // A kernel for more cores than the mask has bits refuses it.
  for (std::size_t words = 16; words <= 4096; words *= 2) {
    CoreMask mask(words);
    static_assert(sizeof(CoreMask::value_type) == sizeof(__cpu_mask), "masks of the kernel are made of such words");
    if (sched_getaffinity(0, words * sizeof(__cpu_mask), reinterpret_cast<cpu_set_t*>(mask.data())) != 0) continue;
    return mask;
  }
  return {};
}

int fair_threads(std::span<const CoreMask> masks, std::size_t which) {
  const auto& mine = masks[which];
  int cores = 0;
  for (const auto word : mine) cores += std::popcount(word);
  const auto overlaps = [&](const CoreMask& other) {
    const auto words = std::min(mine.size(), other.size());
    for (std::size_t i = 0; i < words; ++i) {
      if ((mine[i] & other[i]) != 0) return true;
    }
    return false;
  };
  const auto sharing = std::count_if(masks.begin(), masks.end(), overlaps);
  return std::max(1, cores / std::max(1, static_cast<int>(sharing)));
}

std::uint64_t available_memory() {
  return std::min(machine_memory(), control_group_memory("/sys/fs/cgroup", own_control_group()));
}

std::uint64_t peak_memory() {
  // What getrusage() says begins with the size of the process that started this one.
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view name = "VmHWM:";
    if (!line.starts_with(name)) continue;
    std::uint64_t kibibytes = 0;
    if (std::istringstream(line.substr(name.size())) >> kibibytes) return kibibytes * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void set_threads(int threads) {
  omp_set_num_threads(threads);
}

Instructions best_instructions() {
#if defined(__x86_64__)
  static const bool has_avx512 = __builtin_cpu_supports("avx512f") != 0;
  static const bool has_bf16 = has_avx512 && __builtin_cpu_supports("avx512bf16") != 0;
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  if (has_bf16) return Instructions::avx512_bf16;
  if (has_avx512) return Instructions::avx512;
  if (has_avx2) return Instructions::avx2;
#endif
  return Instructions::portable;
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace farpoint
