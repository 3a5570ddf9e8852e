// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace farpoint::select {

/// Called now and then on every rank with the number of picks so far.
using PickProgress = std::function<void(std::uint64_t picks)>;

}  // namespace farpoint::select
