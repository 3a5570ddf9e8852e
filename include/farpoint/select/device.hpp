// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "farpoint/select/stored_rows.hpp"

namespace farpoint::select {

/// What the products and the bounds are computed by. Results are the same bits on all of them.
enum class Device { cpu, cuda };

/// How many GPUs this process sees; 0 in a build without CUDA. Never throws.
int cuda_devices();

/// Bytes that k_center() needs of a GPU for one rank: an upper bound. `rows` are the rank's own, in the storage that
/// StoredRows has (float32 of other rows); `picks` those of all ranks, with the curated vectors.
std::uint64_t k_center_device_memory(std::uint64_t rows, std::uint64_t dimension, Storage storage, std::uint64_t picks);

}  // namespace farpoint::select
