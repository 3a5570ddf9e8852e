// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attention_kernel.hpp"
#include "row_kernels.hpp"

namespace farpoint::models {

namespace {

template <typename Element, size_t rows, size_t width>
Kernels kernels_of() {
  static_assert(rows <= attention_rows);
  return {run_attention<Element, rows, width>,
          rms_norm<Element>,
          layer_norm<Element>,
          rotate<Element>,
          gate<Element>,
          add_log_sum<Element>};
}

/// `rows` queries and `width` panels at a time: as many sums as the processor has registers for.
template <size_t rows, size_t width>
KernelTable kernel_table() {
  return {kernels_of<float, rows, width>(), kernels_of<uint16_t, rows, width>()};
}

}  // namespace

}  // namespace farpoint::models
