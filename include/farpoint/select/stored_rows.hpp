// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

enum class Storage { float32, float16, bfloat16 };

/// Rounds each number to the nearest that the storage can hold (float16: infinite beyond 65504).
void round_to(Storage storage, std::span<float> row);

/// Rows in memory in one of the storages. What is read back is the rounded value, on which all distances are defined.
class StoredRows final : public RowReader {
 public:
  explicit StoredRows(Storage storage = Storage::float32, std::size_t dimension = 0)
      : storage_(storage), dimension_(dimension) {}

  Storage storage() const { return storage_; }
  void reserve(std::size_t rows);
  void append(std::span<const float> row);

  std::size_t size() const override { return dimension_ == 0 ? 0 : (wide_.size() + narrow_.size()) / dimension_; }
  std::size_t dimension() const override { return dimension_; }
  void read(std::span<const std::uint32_t> rows, std::span<float> scratch) const override;

  /// As the selectors take them: in place where they are float32.
  Vectors view(std::span<const std::uint64_t> ids) const {
    return storage_ == Storage::float32 ? Vectors(wide_, ids, dimension_) : Vectors(*this, ids);
  }

 private:
  Storage storage_;
  std::size_t dimension_;
  std::vector<float> wide_;            ///< float32
  std::vector<std::uint16_t> narrow_;  ///< the others
};

}  // namespace farpoint::select
