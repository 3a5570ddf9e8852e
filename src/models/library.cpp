// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/library.hpp"

#include <fmt/format.h>
#include <torch/version.h>

namespace farpoint::models {

std::string library_version() {
  return fmt::format("libtorch {}.{}.{}", TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
}

}  // namespace farpoint::models
