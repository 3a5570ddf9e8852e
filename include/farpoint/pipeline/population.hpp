// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace farpoint::pipeline {

/// The sets of records of a run: what is chosen from, what is trusted, and examples with labels to learn from.
enum class Population : std::uint8_t { pool, curated, labelled };
constexpr std::array<Population, 3> populations{Population::pool, Population::curated, Population::labelled};
/// One value a population.
template <typename T>
using ByPopulation = std::array<T, populations.size()>;
constexpr std::size_t index_of(Population population) {
  return static_cast<std::size_t>(population);
}
/// "pool", "curated" or "labelled": its key under `corpus`.
constexpr std::string_view name_of(Population population) {
  constexpr ByPopulation<std::string_view> names{"pool", "curated", "labelled"};
  return names[index_of(population)];
}

}  // namespace farpoint::pipeline
