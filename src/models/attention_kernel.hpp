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
      : task_(task), total_(task.past + task.length), keys_(padded(total_)), columns_(padded(task.head_dim)) {
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
    pack_keys(task_.past_key, task_.past_key_stride, 0, task_.past);
    pack_keys(task_.key, task_.key_stride, task_.past, total_);
    for (size_t d = 0; d < task_.head_dim; ++d) {
      for (size_t j = total_; j < keys_; ++j) transposed_keys_[d * keys_ + j] = 0;
    }
    const auto* past_values = static_cast<const Element*>(task_.past_value);
    const auto* values = static_cast<const Element*>(task_.value);
    for (size_t j = 0; j < task_.past; ++j) {
      widen(past_values + j * task_.past_value_stride, 1, values_ + j * columns_);
    }
    for (size_t j = 0; j < task_.length; ++j) {
      widen(values + j * task_.value_stride, 1, values_ + (task_.past + j) * columns_);
    }
    for (size_t d = 0; d < (keys_ - total_) * columns_; ++d) values_[total_ * columns_ + d] = 0;
  }

  /// To the places begin to end; a panel at a time, so that its part of `from` stays in the cache.
  void pack_keys(const void* from, size_t stride, size_t begin, size_t end) {
    const auto* keys = static_cast<const Element*>(from);
    for (size_t first = begin; first < end;) {
      const size_t next = first / lanes * lanes + lanes < end ? first / lanes * lanes + lanes : end;
      for (size_t d = 0; d < task_.head_dim; ++d) {
        float* row = transposed_keys_ + d * keys_;
        for (size_t j = first; j < next; ++j) row[j] = read(keys[(j - begin) * stride + d]);
      }
      first = next;
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
    const size_t place = task_.past + first;
    const size_t begin = (place > task_.reach_back ? place - task_.reach_back : 0) / lanes * lanes;
    const size_t end = end_of_sight(last);
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
    const size_t place = task_.past + query;
    const size_t low = place > task_.reach_back + begin ? place - task_.reach_back - begin : 0;
    const size_t high = end_of_sight(query) - begin;
    if (task_.distance_bias != nullptr) {
      const float* bias = task_.distance_bias + head * task_.bias_stride + begin - place;
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

  /// Behind the last key that the query sees.
  size_t end_of_sight(size_t query) const {
    const size_t place = task_.past + query;
    return total_ - place > task_.reach_ahead ? place + task_.reach_ahead + 1 : total_;
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
  size_t total_;    // keys, those of the past first
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
  if (task.length == 1) {  // as texts that are being written are read
    AttentionKernel<Element, 1, width>(task).run();
  } else {
    AttentionKernel<Element, rows, width>(task).run();
  }
}

}  // namespace

}  // namespace farpoint::models
