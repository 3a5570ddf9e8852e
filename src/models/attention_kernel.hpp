// SPDX-License-Identifier: Apache-2.0
// The products and the softmax behind attention.hpp; see kernel_lanes.hpp for how they are compiled.
#pragma once

#include "attention_operands.hpp"
#include "kernel_lanes.hpp"
#include "kernels.hpp"

namespace farpoint::models {

namespace {

/// `rows` queries at a time, `width` panels of keys: as many sums as there are registers for. `Operands` says in which
/// precision products are computed (attention_operands.hpp).
template <typename Operands, size_t rows, size_t width>
class AttentionKernel {
 public:
  using Element = typename Operands::Element;
  using Item = typename Operands::Item;

  explicit AttentionKernel(const AttentionTask& task)
      : task_(task),
        total_(task.past + task.length),
        keys_(padded(total_)),
        columns_(padded(task.head_dim)),
        depth_(items(task.head_dim)) {
    transposed_keys_ = reinterpret_cast<Item*>(task.workspace);
    values_ = transposed_keys_ + depth_ * keys_;
    queries_ = values_ + items(keys_) * columns_;
    scores_ = reinterpret_cast<float*>(queries_ + rows * columns_);
    sums_ = scores_ + rows * keys_;
    weights_ = reinterpret_cast<Item*>(sums_ + rows * columns_);  // last, as its rows may end within a panel
  }

  void run() {
    pack_keys(task_.past_key, task_.past_key_stride, 0, task_.past);
    pack_keys(task_.key, task_.key_stride, task_.past, total_);
    for (size_t i = 0; i < depth_; ++i) {
      for (size_t j = total_; j < keys_; ++j) transposed_keys_[i * keys_ + j] = 0;
    }
    pack_values();
    for (size_t head = 0; head < task_.group; ++head) {
      for (size_t first = 0; first < task_.length; first += rows) attend(head, first);
    }
  }

 private:
  static constexpr size_t items(size_t depth) { return (depth + Operands::depth - 1) / Operands::depth; }

  /// To the places begin to end; a panel at a time, so that its part of `from` stays in the cache.
  void pack_keys(const void* from, size_t stride, size_t begin, size_t end) {
    const auto* keys = static_cast<const Element*>(from);
    for (size_t first = begin; first < end;) {
      const size_t next = first / lanes * lanes + lanes < end ? first / lanes * lanes + lanes : end;
      for (size_t i = 0; i < depth_; ++i) {
        Item* row = transposed_keys_ + i * keys_;
        for (size_t j = first; j < next; ++j) {
          row[j] = Operands::item(keys + (j - begin) * stride, i, task_.head_dim);
        }
      }
      first = next;
    }
  }

  /// An item a column and as many tokens as it holds; zeros behind the last token.
  void pack_values() {
    for (size_t i = 0; i < items(keys_); ++i) {
      const Element* tokens[Operands::depth];
      for (size_t t = 0; t < Operands::depth; ++t) tokens[t] = value_of(i * Operands::depth + t);
      Operands::interleave(tokens, task_.head_dim, values_ + i * columns_);
    }
  }

  /// Null behind the last token.
  const Element* value_of(size_t token) const {
    if (token >= total_) return nullptr;
    if (token < task_.past) return static_cast<const Element*>(task_.past_value) + token * task_.past_value_stride;
    return static_cast<const Element*>(task_.value) + (token - task_.past) * task_.value_stride;
  }

  /// Queries first to first + rows; the last block repeats the last query where it has too few.
  void attend(size_t head, size_t first) {
    const size_t last = first + rows < task_.length ? first + rows - 1 : task_.length - 1;
    const size_t place = task_.past + first;
    const size_t begin = (place > task_.reach_back ? place - task_.reach_back : 0) / lanes * lanes;
    const size_t end = end_of_sight(last);
    const size_t count = padded(end - begin);
    load_queries(head, first, last);
    // Powers of 2 are simpler than those of e.
    product(queries_, columns_, transposed_keys_ + begin, keys_, depth_, count, task_.scale * log2_e, scores_, keys_);
    float totals[rows];
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = first + r < last ? first + r : last;
      totals[r] = soften(r, head, query, begin, count);
    }
    product(weights_, items(keys_), values_ + items(begin) * columns_, columns_, items(count), columns_, 1, sums_,
            columns_);
    for (size_t r = 0; first + r <= last; ++r) write_result(head, first + r, sums_ + r * columns_, totals[r]);
  }

  void load_queries(size_t head, size_t first, size_t last) {
    for (size_t r = 0; r < rows; ++r) {
      const size_t query = first + r < last ? first + r : last;
      const auto* from = static_cast<const Element*>(task_.query) + query * task_.query_stride + head * task_.head_dim;
      for (size_t i = 0; i < depth_; ++i) queries_[r * columns_ + i] = Operands::item(from, i, task_.head_dim);
    }
  }

  /// c[rows][count] = a[rows][depth] * b[depth][count] * scale; depths are of items.
  static void product(const Item* a, size_t a_stride, const Item* b, size_t b_stride, size_t depth, size_t count,
                      float scale, float* c, size_t c_stride) {
    size_t column = 0;
    for (; column + width * lanes <= count; column += width * lanes) {
      multiply<width>(a, a_stride, b + column, b_stride, depth, scale, c + column, c_stride);
    }
    for (; column < count; column += lanes) {
      multiply<1>(a, a_stride, b + column, b_stride, depth, scale, c + column, c_stride);
    }
  }

  /// The same for `panels` panels of columns, the sums in registers.
  template <size_t panels>
  static void multiply(const Item* a, size_t a_stride, const Item* b, size_t b_stride, size_t depth, float scale,
                       float* c, size_t c_stride) {
    Lanes sums[rows][panels] = {};
    for (size_t k = 0; k < depth; ++k) {
      typename Operands::Items items[panels];
      for (size_t p = 0; p < panels; ++p) {
        items[p] = *reinterpret_cast<const typename Operands::Items*>(b + k * b_stride + p * lanes);
      }
      for (size_t i = 0; i < rows; ++i) {
        for (size_t p = 0; p < panels; ++p) Operands::add_product(a[i * a_stride + k], items[p], sums[i][p]);
      }
    }
    for (size_t i = 0; i < rows; ++i) {
      for (size_t p = 0; p < panels; ++p) {
        *reinterpret_cast<Lanes*>(c + i * c_stride + p * lanes) = sums[i][p] * scale;
      }
    }
  }

  /// Makes a row's weights of its scores of the keys begin to begin + count; returns their sum. What the query does not
  /// see gets 0.
  float soften(size_t row, size_t head, size_t query, size_t begin, size_t count) {
    float* const scores = scores_ + row * keys_;
    const size_t place = task_.past + query;
    const size_t low = place > task_.reach_back + begin ? place - task_.reach_back - begin : 0;
    const size_t high = end_of_sight(query) - begin;
    if (task_.distance_bias != nullptr) {
      const float* bias = task_.distance_bias + head * task_.bias_stride + begin - place;
      for (size_t j = low; j < high; ++j) scores[j] += bias[j] * log2_e;
    }
    for (size_t j = 0; j < low; ++j) scores[j] = lowest;
    for (size_t j = high; j < count; ++j) scores[j] = lowest;
    const auto* const panels = reinterpret_cast<const Lanes*>(scores);
    Lanes greatest = Lanes{} + lowest;
    for (size_t p = 0; p < count / lanes; ++p) greatest = panels[p] > greatest ? panels[p] : greatest;
    const float most = greatest_of(greatest);
    Item* const weights = weights_ + row * items(keys_);
    Lanes sums{};
    for (size_t p = 0; p < count / lanes; ++p) {
      Lanes power = panels[p] - most;
      Operands::exponentiate(power);
      Operands::store_panel(power, weights + p * items(lanes));
      sums += power;
    }
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
  size_t depth_;    // items of a head
  Item* transposed_keys_;
  Item* values_;
  Item* queries_;
  float* scores_;
  float* sums_;
  Item* weights_;
};

template <typename Operands, size_t rows, size_t width>
void run_attention(const AttentionTask& task) {
  if (task.length == 1) {  // as texts that are being written are read
    AttentionKernel<Operands, 1, width>(task).run();
  } else {
    AttentionKernel<Operands, rows, width>(task).run();
  }
}

}  // namespace

}  // namespace farpoint::models
