// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "packed_batch.hpp"

namespace farpoint::models {

/// Dropout in one batch (Srivastava et al. 2014). Masks are drawn one after the other from a generator of the batch's
/// own, so that they do not depend on what other threads and ranks draw.
class Dropout {
 public:
  Dropout(std::uint64_t seed, std::uint64_t step, std::uint64_t place, at::Device device);
  /// x with `share` of its numbers 0, and the others larger by 1 / (1 - share).
  at::Tensor operator()(const at::Tensor& x, double share);

 private:
  at::Generator generator_;
};

/// x itself where the batch has no dropout or the share is 0.
at::Tensor dropped(const at::Tensor& x, double share, const PackedBatch& batch);

}  // namespace farpoint::models
