// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "device_accelerator.hpp"

namespace farpoint::select {

/// Numbers in an accelerator's memory, which must outlive them. What was not written has no certain value.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(Accelerator& accelerator, std::size_t capacity = 0) : accelerator_(accelerator) {
    if (capacity > 0) reserve(capacity);
  }
  ~DeviceArray() {
    if (data_ != nullptr) accelerator_.release(data_);
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::size_t capacity() const { return capacity_; }

  /// Room for so many, keeping what is there. Grows by half at least, so that growing often is cheap.
  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    const std::size_t capacity = std::max(count, capacity_ + capacity_ / 2);
    auto* const larger = static_cast<T*>(accelerator_.allocate(capacity * sizeof(T)));
    if (data_ != nullptr) {
      accelerator_.copy(larger, data_, capacity_ * sizeof(T));
      accelerator_.release(data_);
    }
    data_ = larger;
    capacity_ = capacity;
  }

  /// From `begin` on; makes room.
  void write(std::size_t begin, std::span<const T> values) {
    reserve(begin + values.size());
    if (!values.empty()) accelerator_.upload(data_ + begin, values.data(), values.size_bytes());
  }
  void write(std::span<const T> values) { write(0, values); }

  void read(std::size_t begin, std::span<T> values) const {
    if (!values.empty()) accelerator_.download(values.data(), data_ + begin, values.size_bytes());
  }
  std::vector<T> read(std::size_t count) const {
    std::vector<T> values(count);
    read(0, values);
    return values;
  }

  void clear(std::size_t count) {
    reserve(count);
    if (count > 0) accelerator_.clear(data_, count * sizeof(T));
  }

 private:
  Accelerator& accelerator_;
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace farpoint::select
