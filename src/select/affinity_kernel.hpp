// SPDX-License-Identifier: Apache-2.0
// The products behind affinities.hpp, compiled once for each kind of processor. Nothing here may come from the standard
// library: the linker could take its code, made for the newest processor, for the whole program.
#pragma once

#include "affinity_task.hpp"
#include "farpoint/base/register_lanes.hpp"

namespace farpoint::select {

namespace {

constexpr size_t lanes = register_lanes;
constexpr size_t panel_lanes = 16;  // as CentrePanels
static_assert(panel_lanes % lanes == 0);
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));
using Integers = int32_t __attribute__((vector_size(lanes * sizeof(int32_t))));

constexpr float lowest = -__builtin_inff();

/// The greatest affinity in each lane.
struct GreatestInLanes {
  using Result = float;
  Lanes greatest = Lanes{} + lowest;

  inline void fold(const Lanes& affinity, size_t) { greatest = affinity > greatest ? affinity : greatest; }

  inline void finish(float& result) const {
    result = lowest;
    for (size_t lane = 0; lane < lanes; ++lane) {
      result = greatest[lane] > result ? greatest[lane] : result;
    }
  }
};

/// The two greatest affinities in each lane, and the strip of the greatest.
struct TwoGreatestInLanes {
  using Result = TopTwo;
  Lanes greatest = Lanes{} + lowest;
  Lanes second = Lanes{} + lowest;
  Integers strip{};

  inline void fold(const Lanes& affinity, size_t of_strip) {
    const auto wins = affinity > greatest;
    const Lanes loser = wins ? greatest : affinity;
    second = loser > second ? loser : second;
    strip = wins ? Integers{} + static_cast<int32_t>(of_strip) : strip;
    greatest = wins ? affinity : greatest;
  }

  inline void finish(TopTwo& result) const {
    size_t best = 0;
    for (size_t lane = 1; lane < lanes; ++lane) best = greatest[lane] > greatest[best] ? lane : best;
    result.greatest = greatest[best];
    result.centre = static_cast<uint32_t>(static_cast<size_t>(strip[best]) * lanes + best);
    result.second = second[best];
    for (size_t lane = 0; lane < lanes; ++lane) {
      if (lane != best && greatest[lane] > result.second) result.second = greatest[lane];
    }
  }
};

/// `block_rows` rows times `width` strips at a time: as many sums as there are registers for. A strip is as much of a
/// panel as a register holds.
template <typename State, size_t block_rows, size_t width>
class AffinityKernel {
 public:
  explicit AffinityKernel(const AffinityTask<typename State::Result>& task) : task_(task) {}

  void run() {
    for (size_t row = 0; row < task_.row_count; row += block_rows) {
      const float* rows[block_rows];
      // The last block repeats the last row where it has too few.
      for (size_t i = 0; i < block_rows; ++i) {
        const size_t last = task_.row_count - 1;
        rows[i] = task_.rows[row + i < last ? row + i : last];
      }
      State states[block_rows];
      const size_t strips = (task_.end + lanes - 1) / lanes;
      size_t strip = task_.first / lanes;
      for (; strip + width <= strips; strip += width) visit<width>(rows, strip, states);
      for (; strip < strips; ++strip) visit<1>(rows, strip, states);
      for (size_t i = 0; i < block_rows && row + i < task_.row_count; ++i) states[i].finish(task_.results[row + i]);
    }
  }

 private:
  template <size_t strips>
  inline void visit(const float* const (&rows)[block_rows], size_t strip, State (&states)[block_rows]) const {
    Lanes sums[block_rows][strips] = {};
    const float* values[strips];
    for (size_t s = 0; s < strips; ++s) values[s] = values_of(strip + s);
    for (size_t k = 0; k < task_.dimension; ++k) {
      Lanes components[strips];
      for (size_t s = 0; s < strips; ++s) components[s] = *reinterpret_cast<const Lanes*>(values[s] + k * panel_lanes);
      for (size_t i = 0; i < block_rows; ++i) {
        for (size_t s = 0; s < strips; ++s) sums[i][s] += rows[i][k] * components[s];
      }
    }
    for (size_t s = 0; s < strips; ++s) {
      const Lanes penalty = penalty_of(strip + s);
      for (size_t i = 0; i < block_rows; ++i) states[i].fold(task_.scale * sums[i][s] - penalty, strip + s);
    }
  }

  /// The strip's first components; the next ones are panel_lanes behind.
  const float* values_of(size_t strip) const {
    const size_t centre = strip * lanes;
    return task_.values + centre / panel_lanes * panel_lanes * task_.dimension + centre % panel_lanes;
  }

  inline Lanes penalty_of(size_t strip) const {
    Lanes penalty = reinterpret_cast<const Lanes*>(task_.penalties)[strip];
    // Centres before the first one are in the same strip, and not asked for.
    for (size_t lane = 0; strip * lanes + lane < task_.first; ++lane) penalty[lane] = -lowest;
    return penalty;
  }

  const AffinityTask<typename State::Result>& task_;
};

/// From any address.
inline Lanes load(const float* from) {
  Lanes x;
  __builtin_memcpy(&x, from, sizeof(x));
  return x;
}

/// Four rows at a time, so that their sums do not wait for each other.
inline void multiply_rows(const ProductTask& task) {
  constexpr size_t block_rows = 4;
  for (size_t row = 0; row < task.row_count; row += block_rows) {
    const float* rows[block_rows];
    for (size_t i = 0; i < block_rows; ++i) {
      const size_t last = task.row_count - 1;
      rows[i] = task.rows[row + i < last ? row + i : last];
    }
    Lanes sums[block_rows] = {};
    size_t k = 0;
    for (; k + lanes <= task.dimension; k += lanes) {
      const Lanes components = load(task.vector + k);
      for (size_t i = 0; i < block_rows; ++i) sums[i] += load(rows[i] + k) * components;
    }
    for (size_t i = 0; i < block_rows && row + i < task.row_count; ++i) {
      float sum = 0;
      for (size_t lane = 0; lane < lanes; ++lane) sum += sums[i][lane];
      for (size_t rest = k; rest < task.dimension; ++rest) sum += rows[i][rest] * task.vector[rest];
      task.products[row + i] = sum;
    }
  }
}

template <size_t block_rows, size_t width>
AffinityKernels kernels() {
  return {[](const AffinityTask<float>& task) { AffinityKernel<GreatestInLanes, block_rows, width>(task).run(); },
          [](const AffinityTask<TopTwo>& task) { AffinityKernel<TwoGreatestInLanes, block_rows, width>(task).run(); },
          [](const ProductTask& task) { multiply_rows(task); }};
}

}  // namespace
}  // namespace farpoint::select
