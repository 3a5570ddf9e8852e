// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "farpoint/model_files/model_config.hpp"
#include "packed_batch.hpp"

namespace farpoint::models {

/// Cosines and sines of a batch's rotations, float32 [rows, head_dim / 2].
struct Rotation {
  at::Tensor cosine;
  at::Tensor sine;
};

/// Rotary position embeddings with the scalings of long contexts (transformers, modeling_rope_utils.py; YaRN: Peng et
/// al. 2023). Everything in float32, as there.
class Rotary {
 public:
  Rotary() = default;
  Rotary(const model_files::Rope& rope, std::int64_t head_dim, std::int64_t max_positions, at::Device device);
  Rotation of(const PackedBatch& batch) const;

 private:
  model_files::Rope rope_;
  std::int64_t head_dim_ = 0;
  std::int64_t max_positions_ = 0;
  at::Tensor frequencies_;  // float32 [head_dim / 2]
};

/// Rotates x [rows, heads, head_dim] in place; first and second half of head_dim are the pairs.
void rotate_(const at::Tensor& x, const Rotation& rotation);

/// The same; in place only where it is not recorded for gradients. Returns what was rotated.
at::Tensor rotated(const at::Tensor& x, const Rotation& rotation);

}  // namespace farpoint::models
