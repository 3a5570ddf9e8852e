// SPDX-License-Identifier: Apache-2.0
// The products and the softmax behind attention.hpp; see kernel_lanes.hpp for how they are compiled.
#pragma once

#include "kernel_lanes.hpp"
#include "kernels.hpp"

namespace farpoint::models {

namespace {

/// c[rows][width panels] = a[rows][depth] * b[depth][...], the sums in registers.
template <size_t rows, size_t width>
inline void multiply(const float* a, size_t a_stride, const float* b, size_t b_stride, size_t depth, float* c,
                     size_t c_stride) {
  Lanes sums[rows][width] = {};
  for (size_t k = 0; k < depth; ++k) {
    for (size_t p = 0; p < width; ++p) {
      const Lanes panel = *reinterpret_cast<const Lanes*>(b + k * b_stride + p * lanes);
      for (size_t i = 0; i < rows; ++i) sums[i][p] += a[i * a_stride + k] * panel;
    }
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t p = 0; p < width; ++p) *reinterpret_cast<Lanes*>(c + i * c_stride + p * lanes) = sums[i][p];
  }
}

/// `rows` queries at a time, `width` panels of keys: as many sums as there are registers for.
template <typename Element, size_t rows, size_t width>
class AttentionKernel {
 public:
  explicit AttentionKernel(const AttentionTask& task)
      : task_(task), keys_(padded(task.length)), columns_(padded(task.head_dim)) {
    transposed_keys_ = task.workspace;
    values_ = transposed_keys_ + task.head_dim * keys_;
    queries_ = values_ + keys_ * columns_;
    scores_ = queries_ + rows * columns_;
    sums_ = scores_ + rows * keys_;
  }

  void run() {
    pack();
    for (size_t head = 0; head < task_.group; ++head) {
      for (size_t first = 0; first < task_.length; first += rows) attend(head, first);
    }
  }

 private:
  /// Keys so that a panel of them lies side by side, values in float32; zeros behind the last.
  void pack() {
    const auto* keys = static_cast<const Element*>(task_.key);
    const auto* values = static_cast<const Element*>(task_.value);
    for (size_t first = 0; first < keys_; first += lanes) {
      const size_t count = task_.length - first < lanes ? task_.length - first : lanes;
      for (size_t d = 0; d < task_.head_dim; ++d) {
        float* panel = transposed_keys_ + d * keys_ + first;
        const auto* column = keys + first * task_.key_stride + d;
        for (size_t j = 0; j < count; ++j) panel[j] = read(column[j * task_.key_stride]);
        for (size_t j = count; j < lanes; ++j) panel[j] = 0;
      }
    }
    for (size_t j = 0; j < keys_; ++j) {
      float* row = values_ + j * columns_;
      if (j < task_.length) {
        widen(values + j * task_.value_stride, 1, row);
      } else {
        for (size_t d = 0; d < columns_; ++d) row[d] = 0;
      }
    }
  }

  /// One head of a token in float32, times `scale`; zeros up to columns_.
  void widen(const Element* from, float scale, float* to) const {
    size_t d = 0;
    Lanes x;
    for (; d + lanes <= task_.head_dim; d += lanes) {
      load(from + d, x);
      store(to + d, x * scale);
    }
    if (d == task_.head_dim) return;
    load_part(from + d, task_.head_dim - d, 0, x);
    store(to + d, x * scale);
  }

  /// Queries first to first + rows; the last block repeats the last query where it has too few.
  void attend(size_t head, size_t first) {
    const size_t last = first + rows < task_.length ? first + rows - 1 : task_.length - 1;
    const size_t begin = (first > task_.reach_back ? first - task_.reach_back : 0) / lanes * lanes;
    const size_t end = task_.length - last > task_.reach_ahead ? last + task_.reach_ahead + 1 : task_.length;
    const size_t count = padded(end - begin);
    load_queries(head, first, last);
    product(queries_, columns_, transposed_keys_ + begin, keys_, task_.head_dim, count, scores_, keys_);
    float totals[rows];
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = first + r < last ? first + r : last;
      totals[r] = soften(scores_ + r * keys_, head, query, begin, count);
    }
    product(scores_, keys_, values_ + begin * columns_, columns_, count, columns_, sums_, columns_);
    for (size_t r = 0; first + r <= last; ++r) write_result(head, first + r, sums_ + r * columns_, totals[r]);
  }

  void load_queries(size_t head, size_t first, size_t last) {
    // Powers of 2 are simpler than those of e.
    const float scale = task_.scale * log2_e;
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = first + r < last ? first + r : last;
      widen(static_cast<const Element*>(task_.query) + query * task_.query_stride + head * task_.head_dim, scale,
            queries_ + r * columns_);
    }
  }

  /// c[rows][count] = a[rows][depth] * b[depth][count].
  static void product(const float* a, size_t a_stride, const float* b, size_t b_stride, size_t depth, size_t count,
                      float* c, size_t c_stride) {
    size_t column = 0;
    for (; column + width * lanes <= count; column += width * lanes) {
      multiply<rows, width>(a, a_stride, b + column, b_stride, depth, c + column, c_stride);
    }
    for (; column < count; column += lanes) {
      multiply<rows, 1>(a, a_stride, b + column, b_stride, depth, c + column, c_stride);
    }
  }

  /// Scores of the keys begin to begin + count to their powers; returns the sum. What the query does not see gets 0.
  float soften(float* scores, size_t head, size_t query, size_t begin, size_t count) const {
    const size_t low = query > task_.reach_back + begin ? query - task_.reach_back - begin : 0;
    const size_t sees = task_.length - query > task_.reach_ahead ? query + task_.reach_ahead + 1 : task_.length;
    const size_t high = sees - begin;
    if (task_.distance_bias != nullptr) {
      const float* bias = task_.distance_bias + head * task_.bias_stride + begin - query;
      for (size_t j = low; j < high; ++j) scores[j] += bias[j] * log2_e;
    }
    for (size_t j = 0; j < low; ++j) scores[j] = lowest;
    for (size_t j = high; j < count; ++j) scores[j] = lowest;
    auto* const panels = reinterpret_cast<Lanes*>(scores);
    Lanes greatest = Lanes{} + lowest;
    for (size_t p = 0; p < count / lanes; ++p) greatest = panels[p] > greatest ? panels[p] : greatest;
    const float most = greatest_of(greatest);
    for (size_t p = 0; p < count / lanes; ++p) {
      Lanes power = panels[p] - most;
      exponentiate(power);
      panels[p] = power;
    }
    for (size_t j = 0; j < low; ++j) scores[j] = 0;
    for (size_t j = high; j < count; ++j) scores[j] = 0;
    Lanes sums{};
    for (size_t p = 0; p < count / lanes; ++p) sums += panels[p];
    return sum_of(sums);
  }

  void write_result(size_t head, size_t query, const float* sums, float total) const {
    auto* to = static_cast<Element*>(task_.result) + query * task_.result_stride + head * task_.head_dim;
    const float share = 1 / total;
    size_t d = 0;
    Lanes x;
    for (; d + lanes <= task_.head_dim; d += lanes) {
      load(sums + d, x);
      store(to + d, x * share);
    }
    if (d == task_.head_dim) return;
    load(sums + d, x);
    store_part(to + d, task_.head_dim - d, x * share);
  }

  static constexpr float lowest = -3e38F;

  const AttentionTask& task_;
  size_t keys_;     // length of a row of keys, padded
  size_t columns_;  // length of a row of values, padded
  float* transposed_keys_;
  float* values_;
  float* queries_;
  float* scores_;
  float* sums_;
};

template <typename Element, size_t rows, size_t width>
void run_attention(const AttentionTask& task) {
  AttentionKernel<Element, rows, width>(task).run();
}

}  // namespace

}  // namespace farpoint::models
