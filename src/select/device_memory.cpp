// SPDX-License-Identifier: Apache-2.0
#include "device_search.hpp"
#include "farpoint/select/device.hpp"

namespace farpoint::select {

namespace {

// The bound with its two counts, and the norm; two lists of rows; weight, label and mark; the label of the nearest.
constexpr std::uint64_t bytes_a_row = 8 + 4 + 4 + 4 + 2 * 4 + 8 + 4 + 1 + 8;
// Norms, penalties, their suffix maximum; the label; how many rows have seen it.
constexpr std::uint64_t bytes_a_centre = 4 * 4 + 8 + 4;
// Lists of a pool, histograms, what the allocator rounds up.
constexpr std::uint64_t bytes_of_calls = std::uint64_t{64} << 20;

}  // namespace

std::uint64_t k_center_device_memory(std::uint64_t rows, std::uint64_t dimension, Storage storage,
                                     std::uint64_t picks) {
  const std::uint64_t number = storage == Storage::float32 ? sizeof(float) : sizeof(std::uint16_t);
  return rows * (dimension * number + bytes_a_row) + picks * (dimension * sizeof(float) + bytes_a_centre) +
         DeviceSearch::memory(rows) + bytes_of_calls;
}

}  // namespace farpoint::select
