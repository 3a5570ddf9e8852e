// SPDX-License-Identifier: Apache-2.0
#include "rotary.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cpu_kernels.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

using model_files::Rope;

at::Tensor frequencies_for(double theta, std::int64_t head_dim) {
  const at::Tensor exponents = at::arange(0, head_dim, 2, at::kLong).to(at::kFloat) / head_dim;
  return at::scalar_tensor(1.0, at::kFloat) / at::pow(theta, exponents);
}

/// Long waves are slowed by the factor, short ones kept, those between mixed.
at::Tensor llama3(const at::Tensor& frequencies, const Rope& rope) {
  const auto old = static_cast<double>(rope.original_max_positions);
  const at::Tensor wavelength = 2 * std::numbers::pi / frequencies;
  const at::Tensor slowed = frequencies / rope.factor;
  const at::Tensor mix =
      (old / wavelength - rope.low_frequency_factor) / (rope.high_frequency_factor - rope.low_frequency_factor);
  const at::Tensor mixed = (1 - mix) * slowed + mix * frequencies;
  const at::Tensor is_long = wavelength > old / rope.low_frequency_factor;
  const at::Tensor is_short = wavelength < old / rope.high_frequency_factor;
  return at::where(is_long, slowed, at::where(is_short, frequencies, mixed));
}

at::Tensor yarn(const at::Tensor& frequencies, const Rope& rope, std::int64_t head_dim) {
  const auto dimension = static_cast<double>(head_dim);
  const auto dimension_of = [&](double rotations) {
    return dimension * std::log(static_cast<double>(rope.original_max_positions) / (rotations * 2 * std::numbers::pi)) /
           (2 * std::log(rope.theta));
  };
  double low = dimension_of(rope.beta_fast);
  double high = dimension_of(rope.beta_slow);
  if (rope.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, dimension - 1);
  if (low == high) high += 0.001;  // as the reference, against a division by zero
  const at::Tensor ramp = at::clamp((at::arange(head_dim / 2, at::kFloat) - low) / (high - low), 0, 1);
  return frequencies / rope.factor * ramp + frequencies * (1 - ramp);
}

}  // namespace

Rotary::Rotary(const Rope& rope, std::int64_t head_dim, std::int64_t max_positions, at::Device device)
    : rope_(rope), head_dim_(head_dim), max_positions_(max_positions) {
  frequencies_ = frequencies_for(rope.theta, head_dim);
  if (rope.type == Rope::Type::linear) frequencies_ = frequencies_ / rope.factor;
  if (rope.type == Rope::Type::llama3) frequencies_ = llama3(frequencies_, rope);
  if (rope.type == Rope::Type::yarn) frequencies_ = yarn(frequencies_, rope, head_dim);
  frequencies_ = frequencies_.to(device);
}

Rotation Rotary::of(const PackedBatch& batch) const {
  at::Tensor angles = batch.positions.to(at::kFloat).unsqueeze(1) * frequencies_;
  if (rope_.type == Rope::Type::dynamic) {
    if (!batch.pasts.empty() && batch.longest_context() > max_positions_) {
      throw Error("with rope type 'dynamic', what is kept of a text does not hold for a longer one");
    }
    // The base grows with the sequence, so each length beyond the trained one has frequencies of its own.
    for (const auto& run : batch.runs) {
      if (run.length <= max_positions_) continue;
      const auto d = static_cast<double>(head_dim_);
      const auto stretch =
          rope_.factor * static_cast<double>(run.length) / static_cast<double>(max_positions_) - (rope_.factor - 1);
      const auto frequencies = frequencies_for(rope_.theta * std::pow(stretch, d / (d - 2)), head_dim_);
      const auto tokens = run.sequences * run.length;
      const at::Tensor positions = batch.positions.narrow(0, run.first_token, tokens).to(at::kFloat);
      angles.narrow(0, run.first_token, tokens).copy_(positions.unsqueeze(1) * frequencies.to(angles.device()));
    }
  }
  return {at::cos(angles).mul_(rope_.attention_factor), at::sin(angles).mul_(rope_.attention_factor)};
}

void rotate_(const at::Tensor& x, const Rotation& rotation) {
  const auto half = x.size(2) / 2;
  const auto* kernels = cpu_kernels(x);
  if (kernels != nullptr && x.stride(2) == 1 && x.stride(1) == x.size(2)) {
    kernels->rotate({x.mutable_data_ptr(), static_cast<std::size_t>(x.size(0)), static_cast<std::size_t>(x.size(1)),
                     static_cast<std::size_t>(x.size(2)), static_cast<std::size_t>(x.stride(0)),
                     rotation.cosine.const_data_ptr<float>(), rotation.sine.const_data_ptr<float>()});
    return;
  }
  const at::Tensor cosine = rotation.cosine.unsqueeze(1);
  const at::Tensor sine = rotation.sine.unsqueeze(1);
  const at::Tensor first = x.narrow(2, 0, half);
  const at::Tensor second = x.narrow(2, half, half);
  const at::Tensor rotated = first * cosine - second * sine;
  second.copy_(second * cosine + first * sine);
  first.copy_(rotated);
}

}  // namespace farpoint::models
