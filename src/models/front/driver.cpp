// SPDX-License-Identifier: Apache-2.0
#include "driver.hpp"

#include <dlfcn.h>

namespace farpoint::models {

namespace {

constexpr int success = 0;  // CUDA_SUCCESS

int count_devices() {
  void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (driver == nullptr) return 0;
  auto* const initialise = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  auto* const count = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  int devices = 0;
  if (initialise == nullptr || count == nullptr || initialise(0) != success || count(&devices) != success) return 0;
  return devices;
}

}  // namespace

int driver_devices() {
  static const int devices = count_devices();
  return devices;
}

}  // namespace farpoint::models
