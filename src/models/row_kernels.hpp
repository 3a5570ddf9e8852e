// SPDX-License-Identifier: Apache-2.0
// Norms, rotations, gates and sums of exponentials, row by row; see kernel_lanes.hpp for how they are compiled.
#pragma once

#include "kernel_lanes.hpp"
#include "kernels.hpp"

namespace farpoint::models {

namespace {

/// Calls work(load, store, place) for sixteen numbers of [0, width) at a time; the last ones may be fewer. load(from,
/// fill, x) and store(to, x) move as many as there are.
template <typename Work>
inline void for_lanes(size_t width, const Work& work) {
  size_t i = 0;
  for (; i + lanes <= width; i += lanes) {
    work([&](const auto* from, float, Lanes& x) { load(from + i, x); },
         [&](auto* to, const Lanes& x) { store(to + i, x); });
  }
  if (i == width) return;
  const size_t left = width - i;
  work([&](const auto* from, float fill, Lanes& x) { load_part(from + i, left, fill, x); },
       [&](auto* to, const Lanes& x) { store_part(to + i, left, x); });
}

/// The row that is to be normed.
template <typename Element>
inline const Element* row_to_norm(const NormTask& task, size_t row) {
  const auto* x = static_cast<const Element*>(task.x) + row * task.stride;
  if (task.addend == nullptr) return x;
  auto* sum = static_cast<Element*>(task.addend) + row * task.width;
  for_lanes(task.width, [&](const auto& get, const auto& put) {
    Lanes a;
    Lanes b;
    get(x, 0, a);
    get(sum, 0, b);
    put(sum, a + b);
  });
  return sum;
}

template <typename Element>
void rms_norm(const NormTask& task) {
  const auto* weights = static_cast<const Element*>(task.weight);
  for (size_t row = 0; row < task.rows; ++row) {
    const auto* x = row_to_norm<Element>(task, row);
    auto* result = static_cast<Element*>(task.result) + row * task.width;
    Lanes squares{};
    for_lanes(task.width, [&](const auto& get, const auto&) {
      Lanes values;
      get(x, 0, values);
      squares += values * values;
    });
    const float scale = 1 / __builtin_sqrtf(sum_of(squares) / static_cast<float>(task.width) + task.eps);
    for_lanes(task.width, [&](const auto& get, const auto& put) {
      Lanes values;
      Lanes weight;
      get(x, 0, values);
      get(weights, 0, weight);
      put(result, values * scale * weight);
    });
  }
}

template <typename Element>
void layer_norm(const NormTask& task) {
  const auto* weights = static_cast<const Element*>(task.weight);
  const auto* biases = static_cast<const Element*>(task.bias);
  const auto width = static_cast<float>(task.width);
  for (size_t row = 0; row < task.rows; ++row) {
    const auto* x = row_to_norm<Element>(task, row);
    auto* result = static_cast<Element*>(task.result) + row * task.width;
    Lanes sums{};
    for_lanes(task.width, [&](const auto& get, const auto&) {
      Lanes values;
      get(x, 0, values);
      sums += values;
    });
    const float mean = sum_of(sums) / width;
    Lanes squares{};
    for_lanes(task.width, [&](const auto& get, const auto&) {
      Lanes values;
      get(x, mean, values);
      squares += (values - mean) * (values - mean);
    });
    const float scale = 1 / __builtin_sqrtf(sum_of(squares) / width + task.eps);
    for_lanes(task.width, [&](const auto& get, const auto& put) {
      Lanes values;
      Lanes weight;
      Lanes bias{};
      get(x, 0, values);
      get(weights, 0, weight);
      if (biases != nullptr) get(biases, 0, bias);
      put(result, (values - mean) * scale * weight + bias);
    });
  }
}

template <typename Element>
void rotate(const RotationTask& task) {
  const size_t half = task.head_dim / 2;
  for (size_t token = 0; token < task.tokens; ++token) {
    const float* cosines = task.cosine + token * half;
    const float* sines = task.sine + token * half;
    for (size_t head = 0; head < task.heads; ++head) {
      auto* first = static_cast<Element*>(task.x) + token * task.stride + head * task.head_dim;
      auto* second = first + half;
      for_lanes(half, [&](const auto& get, const auto& put) {
        Lanes a;
        Lanes b;
        Lanes cosine;
        Lanes sine;
        get(first, 0, a);
        get(second, 0, b);
        get(cosines, 0, cosine);
        get(sines, 0, sine);
        put(first, a * cosine - b * sine);
        put(second, b * cosine + a * sine);
      });
    }
  }
}

template <typename Element>
void gate(const GateTask& task) {
  for (size_t row = 0; row < task.rows; ++row) {
    const auto* gates = static_cast<const Element*>(task.gate) + row * task.stride;
    const auto* ups = static_cast<const Element*>(task.up) + row * task.stride;
    auto* result = static_cast<Element*>(task.result) + row * task.width;
    for_lanes(task.width, [&](const auto& get, const auto& put) {
      Lanes x;
      Lanes up;
      get(gates, 0, x);
      get(ups, 0, up);
      Lanes power = x * -log2_e;
      power = power > 126.0F ? Lanes{} + 126.0F : power;  // silu is 0 there in float32
      exponentiate(power);
      put(result, x / (1.0F + power) * up);
    });
  }
}

template <typename Element>
void add_log_sum(const LogSumTask& task) {
  constexpr float lowest = -3e38F;
  for (size_t row = 0; row < task.rows; ++row) {
    const auto* logits = static_cast<const Element*>(task.logits) + row * task.width;
    Lanes greatest = Lanes{} + lowest;
    for_lanes(task.width, [&](const auto& get, const auto&) {
      Lanes x;
      get(logits, lowest, x);
      greatest = x > greatest ? x : greatest;
    });
    const float before = task.greatest[row];
    const float here = greatest_of(greatest);
    const float most = before > here ? before : here;
    Lanes sums{};
    for_lanes(task.width, [&](const auto& get, const auto&) {
      Lanes x;
      get(logits, lowest, x);
      x = (x - most) * log2_e;
      exponentiate(x);
      sums += x;
    });
    // What was summed before was relative to another greatest one.
    Lanes earlier = Lanes{} + (before - most) * log2_e;
    exponentiate(earlier);
    task.sum[row] = task.sum[row] * earlier[0] + sum_of(sums);
    task.greatest[row] = most;
    const int64_t target = task.targets[row];
    if (target >= 0 && static_cast<size_t>(target) < task.width) task.target[row] = read(logits[target]);
  }
}

}  // namespace

}  // namespace farpoint::models
