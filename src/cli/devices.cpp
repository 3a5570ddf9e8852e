// SPDX-License-Identifier: Apache-2.0
#include "devices.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/error.hpp"

namespace farpoint::cli {

namespace {

constexpr std::uint64_t gb = 1'000'000'000;

// NVIDIA's data sheets: "H200 Tensor Core GPU" (SXM, 2024), "H100 Tensor Core GPU" (SXM, 2023), "A100 Tensor Core GPU"
// (SXM 80 GB, 2021), "L40S GPU" (2023), "V100 Tensor Core GPU" (SXM2 32 GB, 2020). Where a sheet gives figures with
// sparsity, they are halved.
constexpr std::array<Device, 5> devices{{
    {"h200", 989e12, 4.8e12, 141 * gb},
    {"h100", 989e12, 3.35e12, 80 * gb},
    {"a100", 312e12, 2.039e12, 80 * gb},
    {"l40s", 362e12, 0.864e12, 48 * gb},
    {"v100", 125e12, 0.9e12, 32 * gb},
}};

}  // namespace

std::vector<std::string> device_names() {
  std::vector<std::string> names;
  for (const auto& device : devices) names.emplace_back(device.name);
  return names;
}

const Device& find_device(std::string_view name) {
  std::string names;
  for (const auto& device : devices) {
    if (device.name == name) return device;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", device.name);
  }
  throw UsageError(fmt::format("--gpu {}: unknown; known are {}", name, names));
}

}  // namespace farpoint::cli
