// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/stored_rows.hpp"

#include <algorithm>

#include "farpoint/base/half_float.hpp"

namespace farpoint::select {

namespace {

std::uint16_t narrowed(Storage storage, float value) {
  return storage == Storage::float16 ? float_to_half(value) : float_to_bfloat16(value);
}

float widened(Storage storage, std::uint16_t bits) {
  return storage == Storage::float16 ? half_to_float(bits) : bfloat16_to_float(bits);
}

}  // namespace

void round_to(Storage storage, std::span<float> row) {
  if (storage == Storage::float32) return;
  for (float& number : row) number = widened(storage, narrowed(storage, number));
}

void StoredRows::reserve(std::size_t rows) {
  if (storage_ == Storage::float32)
    wide_.reserve(rows * dimension_);
  else
    narrow_.reserve(rows * dimension_);
}

void StoredRows::append(std::span<const float> row) {
  if (storage_ == Storage::float32) {
    wide_.insert(wide_.end(), row.begin(), row.end());
  } else {
    std::transform(row.begin(), row.end(), std::back_inserter(narrow_),
                   [&](float number) { return narrowed(storage_, number); });
  }
}

void StoredRows::read(std::span<const std::uint32_t> rows, std::span<float> scratch) const {
  float* out = scratch.data();
  for (const std::uint32_t row : rows) {
    if (storage_ == Storage::float32) {
      out = std::copy_n(wide_.data() + row * dimension_, dimension_, out);
      continue;
    }
    // One loop a format, so that the compiler sees no choice inside.
    const std::uint16_t* const numbers = narrow_.data() + row * dimension_;
    out = storage_ == Storage::float16 ? std::transform(numbers, numbers + dimension_, out, half_to_float)
                                       : std::transform(numbers, numbers + dimension_, out, bfloat16_to_float);
  }
}

}  // namespace farpoint::select
