// SPDX-License-Identifier: Apache-2.0
// The first rows in the order of choice, by histograms of the digits of their keys.
#pragma once

#include "views.hpp"

namespace farpoint::select {

/// A row's place in the order of choice as an integer of 96 bits, the first one the largest: the value, then the row
/// from behind, because rows are in the order of their ids. No two rows have the same.
struct Place {
  std::uint64_t value = 0;
  std::uint32_t from_behind = 0;

  static FARPOINT_DEVICE Place of(double order_value, std::uint32_t row) { return {ordered(order_value), ~row}; }
  FARPOINT_DEVICE bool at_or_before(const Place& last) const {
    return value > last.value || (value == last.value && from_behind >= last.from_behind);
  }
};

/// Some bits of a Place.
struct Digit {
  static constexpr std::uint32_t most_bits = 11;
  static constexpr std::uint32_t bins = 1U << most_bits;

  std::uint32_t shift = 0;
  std::uint32_t bits = most_bits;
  bool in_value = true;  ///< or in `from_behind`

  FARPOINT_DEVICE std::uint32_t of(const Place& place) const {
    const std::uint64_t word = in_value ? place.value : place.from_behind;
    return static_cast<std::uint32_t>(word >> shift) & ((1U << bits) - 1);
  }
  /// All bits before the digit are the same.
  FARPOINT_DEVICE bool same_before(const Place& a, const Place& b) const {
    const std::uint32_t end = shift + bits;
    if (in_value) return end == 64 || a.value >> end == b.value >> end;
    return a.value == b.value &&
           static_cast<std::uint64_t>(a.from_behind) >> end == static_cast<std::uint64_t>(b.from_behind) >> end;
  }
};

/// Rows that are looked at, up to a place, of one kind.
struct RowFilter {
  OrderView order;
  const std::uint32_t* counts = nullptr;  ///< of centres, by row
  std::uint32_t centres = 0;
  bool complete = true;  ///< takes rows that have all centres, or the others
  Place last;

  FARPOINT_DEVICE bool takes(std::uint32_t row, Place& place) const {
    if ((counts[row] == centres) != complete) return false;
    const double value = order.value(row);
    if (value == value_of_chosen) return false;
    place = Place::of(value, row);
    return place.at_or_before(last);
  }
};

/// Counts the rows whose places begin like `prefix` by the digit after that.
struct HistogramTask {
  static constexpr std::uint32_t nowhere = 0xFFFFFFFFU;

  RowFilter filter;
  Digit digit;
  Place prefix;
  std::uint32_t* bins = nullptr;

  FARPOINT_DEVICE std::uint32_t bin_of(std::uint32_t row) const {
    Place place;
    if (!filter.takes(row, place) || !digit.same_before(place, prefix)) return nowhere;
    return digit.of(place);
  }
  FARPOINT_DEVICE void operator()(std::size_t row) const {
    const std::uint32_t bin = bin_of(static_cast<std::uint32_t>(row));
    if (bin != nowhere) atomic_increment(bins + bin);
  }
};

/// Lists the rows that the filter takes, in any order.
struct ListTask {
  RowFilter filter;
  std::uint32_t* count = nullptr;
  std::uint32_t* rows = nullptr;
  std::uint64_t* values = nullptr;  ///< of their places; null: they are not wanted

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto row = static_cast<std::uint32_t>(index);
    Place place;
    if (!filter.takes(row, place)) return;
    const std::uint32_t at = atomic_increment(count);
    rows[at] = row;
    if (values != nullptr) values[at] = place.value;
  }
};

/// Counts listed rows by how many centres they have seen.
struct CountAgesTask {
  const std::uint32_t* list = nullptr;
  const std::uint32_t* screened = nullptr;
  std::uint32_t* bins = nullptr;

  FARPOINT_DEVICE void operator()(std::size_t i) const { atomic_increment(bins + screened[list[i]]); }
};

/// Puts those that have seen fewer first. `next`, by centres seen: where the next such row goes.
struct SortByAgeTask {
  const std::uint32_t* list = nullptr;
  const std::uint32_t* screened = nullptr;
  std::uint32_t* next = nullptr;
  std::uint32_t* sorted = nullptr;

  FARPOINT_DEVICE void operator()(std::size_t i) const { sorted[atomic_increment(next + screened[list[i]])] = list[i]; }
};

}  // namespace farpoint::select
