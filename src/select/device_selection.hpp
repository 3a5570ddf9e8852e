// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "device_array.hpp"

namespace farpoint::select {

/// Finds the first rows in the order of choice on an accelerator: the place of the last of them, digit by digit, each
/// by a histogram over all rows (a radix selection). Only the histograms travel; all is integers, so nothing depends on
/// the order in which rows are visited.
class DeviceSelection {
 public:
  DeviceSelection(Accelerator& accelerator, std::size_t rows);

  struct First {
    Place last;             ///< the first rows are those up to here
    std::size_t count = 0;  ///< how many they are
  };
  /// Of the rows that the filter takes the first `count`, or all if they are fewer.
  First first(const RowFilter& filter, std::size_t count);

  /// Lists all rows that the filter takes, in any order, in list(); with the values of their places in values() if they
  /// are wanted, and then at most `most_values` rows. How many there are.
  std::size_t make_list(const RowFilter& filter, std::size_t most_values = 0);
  DeviceArray<std::uint32_t>& list() { return list_; }
  const DeviceArray<std::uint64_t>& values() const { return values_; }

 private:
  Accelerator& accelerator_;
  std::size_t rows_;
  DeviceArray<std::uint32_t> bins_;
  DeviceArray<std::uint32_t> counter_;
  DeviceArray<std::uint32_t> list_;
  DeviceArray<std::uint64_t> values_;
};

}  // namespace farpoint::select
