// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/outliers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/base/ordered_bits.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::select {

namespace {

/// The `rank`-th largest (from 0) of all ranks' numbers, and how many are larger. number(i) is nothing for those that
/// do not count. Eight collective calls: a digit of 8 bits each, the highest first.
struct Largest {
  std::uint64_t number = 0;
  std::uint64_t larger = 0;
};
template <typename Number>
Largest find_largest(comm::Communicator& comm, std::size_t size, std::uint64_t rank, const Number& number) {
  Largest found;
  for (int shift = 56; shift >= 0; shift -= 8) {
    std::array<std::uint64_t, 256> counts{};
    for (std::size_t i = 0; i < size; ++i) {
      const std::optional<std::uint64_t> bits = number(i);
      if (!bits || (shift < 56 && ((*bits ^ found.number) >> (shift + 8)) != 0)) continue;
      ++counts[(*bits >> shift) & 255];
    }
    comm::all_reduce(comm, std::span<std::uint64_t>(counts), comm::Reduction::sum);
    std::uint64_t digit = 255;
    while (digit > 0 && found.larger + counts[digit] <= rank) found.larger += counts[digit--];
    found.number |= digit << shift;
  }
  return found;
}

/// What all ranks must know before they begin.
struct Facts {
  std::uint64_t rows = 0;
  std::uint64_t values = 0;
  std::uint64_t not_numbers = 0;
};

std::uint64_t agree_on_rows(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                            std::span<const double> values) {
  Facts mine{ids.size(), values.size(), 0};
  for (const double value : values) mine.not_numbers += std::isnan(value) ? 1 : 0;
  std::uint64_t rows = 0;
  const auto all = comm::all_gather(comm, mine);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    rows += all[rank].rows;
    if (all[rank].rows != all[rank].values) {
      throw comm::AgreedError(fmt::format("rank {}: {} values for {} rows", rank, all[rank].values, all[rank].rows));
    }
    if (all[rank].not_numbers > 0) {
      throw comm::AgreedError(fmt::format("rank {}: {} of the values are not numbers", rank, all[rank].not_numbers));
    }
  }
  return rows;
}

/// A product such as 0.29 * 100 is a rounding error below what is meant.
std::uint64_t share_of(double fraction, std::uint64_t rows) {
  const double product = std::nextafter(fraction * static_cast<double>(rows), std::numeric_limits<double>::infinity());
  return std::min(rows, static_cast<std::uint64_t>(product));
}

}  // namespace

std::vector<double> kth_neighbour_values(const Neighbours& neighbours) {
  std::vector<double> values(neighbours.size());
  for (std::size_t query = 0; query < values.size(); ++query) {
    values[query] = neighbours.values[(query + 1) * neighbours.k - 1];
  }
  return values;
}

std::vector<std::uint8_t> farthest_fraction(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                            std::span<const double> values, double fraction) {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw UsageError(fmt::format("{} is not a fraction; from 0 to 1 is possible", fraction));
  }
  const std::uint64_t flagged = share_of(fraction, agree_on_rows(comm, ids, values));
  std::vector<std::uint8_t> flags(values.size(), 0);
  if (flagged == 0) return flags;
  const auto border = find_largest(comm, values.size(), flagged - 1,
                                   [&](std::size_t i) { return std::optional(ordered_bits(values[i])); });
  const auto lowest = find_largest(comm, values.size(), flagged - 1 - border.larger, [&](std::size_t i) {
    return ordered_bits(values[i]) == border.number ? std::optional(ids[i]) : std::nullopt;
  });
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const std::uint64_t bits = ordered_bits(values[i]);
    flags[i] = bits > border.number || (bits == border.number && ids[i] >= lowest.number) ? 1 : 0;
  }
  return flags;
}

}  // namespace farpoint::select
