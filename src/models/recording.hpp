// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

/// What layers do otherwise while libtorch records them for gradients. Weights that require gradients tell training
/// from inference: what comes out of them requires gradients too.
namespace farpoint::models {

/// Whether what is computed from x is recorded: then it must be done by libtorch's operators, and not in place.
inline bool is_recorded(const at::Tensor& x) {
  return c10::GradMode::is_enabled() && x.requires_grad();
}

/// Rows `ids` of a table; in training with a gradient that holds only these.
inline at::Tensor look_up(const at::Tensor& table, const at::Tensor& ids) {
  if (is_recorded(table)) return at::embedding(table, ids, /*padding_idx=*/-1, false, /*sparse=*/true);
  return table.index_select(0, ids);
}

}  // namespace farpoint::models
