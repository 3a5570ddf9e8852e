// SPDX-License-Identifier: Apache-2.0
#include "trained_weights.hpp"

#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>

#include "farpoint/base/hash.hpp"
#include "farpoint/base/random.hpp"

namespace farpoint::models {

namespace {

/// Number `counter` of a stream of normal numbers (Box and Muller 1958).
double normal(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  const std::uint64_t bits = random_bits(seed, stream, counter);
  const double radius = (static_cast<double>(bits >> 32) + 1) * 0x1p-32;  // in (0, 1]
  const double angle = static_cast<double>(bits & 0xffffffffU) * 0x1p-32;
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

}  // namespace

at::Tensor TrainedWeights::add(const std::vector<at::Tensor>& values, const std::vector<std::string>& names,
                               bool is_table) {
  const c10::NoGradGuard unrecorded;
  TrainedWeight weight;
  // A copy in any case: the tensors of a folder lie in its files.
  weight.value = values.size() == 1 ? values[0].clone(at::MemoryFormat::Contiguous) : at::cat(values);
  weight.value.set_requires_grad(true);
  for (std::size_t i = 0; i < values.size(); ++i) weight.parts.push_back({names[i], values[i].size(0)});
  weight.is_table = is_table;
  weights_.push_back(weight);
  return weight.value;
}

at::Tensor TrainedWeights::draw(const std::string& name, at::IntArrayRef shape, const Initial& initial) const {
  at::Tensor value = at::zeros(shape, at::kFloat);
  if (shape.size() == 1) return name.ends_with("weight") ? value.fill_(1) : value;
  const std::uint64_t stream = hash64(name);
  auto* numbers = value.mutable_data_ptr<float>();
  std::uint64_t counter = 0;
  for (std::int64_t i = 0; i < value.numel(); ++i) {
    double drawn = normal(seed_, stream, counter++);
    while (initial.cutoff > 0 && std::abs(drawn) > initial.cutoff) drawn = normal(seed_, stream, counter++);
    numbers[i] = static_cast<float>(drawn * initial.deviation);
  }
  return value;
}

}  // namespace farpoint::models
