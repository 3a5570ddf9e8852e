// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "centres.hpp"
#include "device_array.hpp"
#include "farpoint/select/vectors.hpp"

namespace farpoint::select {

/// The storage that an accelerator keeps these rows in: that of StoredRows, else float32.
Storage storage_of(const Vectors& vectors);

/// A copy of a rank's rows in an accelerator's memory, and their screening norms.
class DeviceRows {
 public:
  DeviceRows(Accelerator& accelerator, const Vectors& vectors);

  RowsView view() const;
  const float* norms() const { return norms_.data(); }

 private:
  void upload(const Vectors& vectors);

  Storage storage_;
  std::uint32_t dimension_;
  DeviceArray<float> wide_;            ///< float32
  DeviceArray<std::uint16_t> narrow_;  ///< the others
  DeviceArray<float> norms_;
};

/// A copy of the centres.
class DeviceCentres {
 public:
  /// Room for `expected`, so that they are not moved as they become more.
  DeviceCentres(Accelerator& accelerator, const Centres& centres, std::size_t expected);

  /// Copies those that are new.
  void update();
  /// Labels may change, where a chosen vector is a copy of a centre: this copies all of them.
  void update_labels();

  CentresView view() const;
  /// Some centre is so long that products with it may overflow.
  bool has_infinite_norm() const;

 private:
  const Centres& centres_;
  std::size_t known_ = 0;
  DeviceArray<float> rows_, norms_, penalties_, hopeful_penalties_, longest_;
  DeviceArray<std::uint64_t> labels_;
};

}  // namespace farpoint::select
