// SPDX-License-Identifier: Apache-2.0
// Products of rows with centres, in single precision. The functions here are what the tests run; on a GPU tiles.cuh has
// the same sums, many rows and centres at a time.
#pragma once

#include "../affinity_task.hpp"
#include "views.hpp"

namespace farpoint::select {

/// The centre of a TopTwo that has none.
constexpr std::uint32_t without_centre = 0xFFFFFFFFU;

FARPOINT_DEVICE inline TopTwo empty_top() {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  return {lowest, lowest, without_centre};
}

/// NaN loses every comparison.
FARPOINT_DEVICE inline void fold(TopTwo& top, float affinity, std::uint32_t centre) {
  if (affinity > top.greatest) {
    top = {affinity, top.greatest, centre};
  } else if (affinity > top.second) {
    top.second = affinity;
  }
}

FARPOINT_DEVICE inline void merge(TopTwo& top, const TopTwo& other) {
  if (other.greatest > top.greatest) {
    top = {other.greatest, top.greatest > other.second ? top.greatest : other.second, other.centre};
  } else if (other.greatest > top.second) {
    top.second = other.greatest;
  }
}

/// Rows against a range of centres.
struct ProductView {
  RowsView rows;
  CentresView centres;
  const std::uint32_t* list = nullptr;  ///< the rows; null: those from `first_row` on
  std::uint32_t first_row = 0;
  std::uint32_t count = 0;                 ///< of rows
  const std::uint32_t* applied = nullptr;  ///< by row: earlier centres are left out; null: none are
  bool hopeful = false;                    ///< which penalties
  float scale = 1;
  std::uint32_t begin = 0, end = 0;  ///< of centres

  FARPOINT_DEVICE std::uint32_t row(std::uint32_t i) const { return list == nullptr ? first_row + i : list[i]; }
  FARPOINT_DEVICE std::uint32_t first_centre(std::uint32_t i) const { return applied == nullptr ? 0 : applied[row(i)]; }
  FARPOINT_DEVICE float affinity(float product, std::uint32_t c) const {
    return scale * product - (hopeful ? centres.hopeful_penalties[c] : centres.penalties[c]);
  }
  FARPOINT_DEVICE float product(std::uint32_t i, std::uint32_t c) const {
    const float* const centre = centres.row(c, rows.dimension);
    float sum = 0;
    for (std::uint32_t k = 0; k < rows.dimension; ++k) sum += rows.at(row(i), k) * centre[k];
    return sum;
  }
};

/// The greatest affinities of each row, to each part of the centres: tops[part * count + i].
struct FoldTask {
  ProductView view;
  std::uint32_t part_centres = 0;
  std::uint32_t parts = 1;
  TopTwo* tops = nullptr;

  std::size_t size() const { return static_cast<std::size_t>(view.count) * parts; }
  FARPOINT_DEVICE std::uint32_t part_begin(std::uint32_t part) const { return view.begin + part * part_centres; }
  FARPOINT_DEVICE std::uint32_t part_end(std::uint32_t part) const {
    return part + 1 == parts ? view.end : part_begin(part + 1);
  }
  FARPOINT_DEVICE TopTwo merged(std::uint32_t i) const {
    TopTwo top = empty_top();
    for (std::uint32_t part = 0; part < parts; ++part)
      merge(top, tops[static_cast<std::size_t>(part) * view.count + i]);
    return top;
  }

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto part = static_cast<std::uint32_t>(index / view.count);
    const auto i = static_cast<std::uint32_t>(index % view.count);
    TopTwo top = empty_top();
    for (std::uint32_t c = part_begin(part); c < part_end(part); ++c) {
      if (c >= view.first_centre(i)) fold(top, view.affinity(view.product(i, c), c), c);
    }
    tops[index] = top;
  }
};

/// All affinities: affinities[i * (end - begin) + (c - begin)].
struct AffinityMatrixTask {
  ProductView view;
  float* affinities = nullptr;

  FARPOINT_DEVICE std::uint32_t width() const { return view.end - view.begin; }
  std::size_t size() const { return static_cast<std::size_t>(view.count) * width(); }

  FARPOINT_DEVICE void operator()(std::size_t index) const {
    const auto i = static_cast<std::uint32_t>(index / width());
    const auto c = view.begin + static_cast<std::uint32_t>(index % width());
    affinities[index] = view.affinity(view.product(i, c), c);
  }
};

}  // namespace farpoint::select
