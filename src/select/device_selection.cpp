// SPDX-License-Identifier: Apache-2.0
#include "device_selection.hpp"

#include <array>
#include <numeric>

namespace farpoint::select {

namespace {

/// All bits of a Place, the highest first.
constexpr std::array<Digit, 9> digits{{{53, 11, true},
                                       {42, 11, true},
                                       {31, 11, true},
                                       {20, 11, true},
                                       {9, 11, true},
                                       {0, 9, true},
                                       {21, 11, false},
                                       {10, 11, false},
                                       {0, 10, false}}};

void set(Place& place, const Digit& digit, std::uint32_t value) {
  if (digit.in_value)
    place.value |= std::uint64_t{value} << digit.shift;
  else
    place.from_behind |= value << digit.shift;
}

}  // namespace

DeviceSelection::DeviceSelection(Accelerator& accelerator, std::size_t rows)
    : accelerator_(accelerator),
      rows_(rows),
      bins_(accelerator, Digit::bins),
      counter_(accelerator, 1),
      list_(accelerator, rows),
      values_(accelerator) {}

DeviceSelection::First DeviceSelection::first(const RowFilter& filter, std::size_t count) {
  Place last;
  std::size_t left = count;  // still to find among the rows whose places begin like `last`
  for (const Digit& digit : digits) {
    bins_.clear(Digit::bins);
    accelerator_.run(HistogramTask{filter, digit, last, bins_.data()}, rows_);
    const auto bins = bins_.read(Digit::bins);
    if (&digit == &digits.front()) {
      const auto all = std::accumulate(bins.begin(), bins.end(), std::size_t{0});
      if (all <= count) return {filter.last, all};
    }
    std::uint32_t bin = Digit::bins - 1;
    for (; bins[bin] < left; --bin) left -= bins[bin];
    set(last, digit, bin);
    if (bins[bin] == left) break;
  }
  return {last, count};
}

std::size_t DeviceSelection::make_list(const RowFilter& filter, std::size_t most_values) {
  values_.reserve(most_values);
  counter_.clear(1);
  accelerator_.run(ListTask{filter, counter_.data(), list_.data(), most_values > 0 ? values_.data() : nullptr}, rows_);
  return counter_.read(1).front();
}

}  // namespace farpoint::select
