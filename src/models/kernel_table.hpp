// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attention_kernel.hpp"
#include "row_kernels.hpp"

namespace farpoint::models {

namespace {

/// `rows` queries and `width` panels at a time: as many sums as the processor has registers for.
template <typename Operands, size_t rows, size_t width>
Kernels kernels_of() {
  static_assert(rows <= attention_rows);
  using Element = typename Operands::Element;
  return {run_attention<Operands, rows, width>,
          rms_norm<Element>,
          layer_norm<Element>,
          rotate<Element>,
          gate<Element>,
          add_log_sum<Element>};
}

template <size_t rows, size_t width>
KernelTable kernel_table() {
  return {kernels_of<Float32Operands<float>, rows, width>(), kernels_of<Float32Operands<uint16_t>, rows, width>()};
}

}  // namespace

}  // namespace farpoint::models
