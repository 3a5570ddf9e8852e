// SPDX-License-Identifier: Apache-2.0
#include "device_search.hpp"

#include <algorithm>

namespace farpoint::select {

namespace {

// A GPU has some hundred multiprocessors, and works on few rows only if the centres are split too.
constexpr std::size_t tile = 64;
constexpr std::size_t enough_tiles = 1024;
constexpr std::size_t most_affinities = std::size_t{1} << 22;

std::uint32_t parts_of(std::size_t rows, std::size_t centres) {
  const std::size_t row_tiles = (rows + tile - 1) / tile;
  const std::size_t centre_tiles = (centres + tile - 1) / tile;
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(enough_tiles / row_tiles, 1, centre_tiles));
}

constexpr std::size_t most_tops(std::size_t rows) {
  return std::max(std::min(rows, DeviceSearch::most_rows), enough_tiles * tile);
}

}  // namespace

std::uint64_t DeviceSearch::memory(std::uint64_t rows) {
  return most_tops(rows) * sizeof(TopTwo) + most_affinities * sizeof(float) +
         most_queries * (sizeof(double) + sizeof(std::uint64_t));
}

DeviceSearch::DeviceSearch(Accelerator& accelerator, std::size_t rows)
    : accelerator_(accelerator),
      tops_(accelerator, most_tops(rows)),
      affinities_(accelerator, most_affinities),
      known_(accelerator, most_queries),
      found_(accelerator, most_queries) {}

FoldTask DeviceSearch::fold(const ProductView& view) {
  const std::size_t centres = view.end - view.begin;
  FoldTask task{view};
  const std::uint32_t parts = parts_of(view.count, centres);
  task.part_centres = static_cast<std::uint32_t>((centres + parts - 1) / parts);
  // Whole tiles, but for the last part.
  task.part_centres = static_cast<std::uint32_t>((task.part_centres + tile - 1) / tile * tile);
  task.parts = static_cast<std::uint32_t>((centres + task.part_centres - 1) / task.part_centres);
  task.tops = tops_.data();
  accelerator_.run(task, task.size());
  return task;
}

QueriesView DeviceSearch::search(QueriesView queries) {
  queries.known = known_.data();
  queries.found = found_.data();
  const FoldTask folded = fold(queries.view);
  accelerator_.run(MeasureNearestTask{queries, folded}, queries.view.count);
  for_matrices(queries.view, [&](const AffinityMatrixTask& matrix) {
    accelerator_.run(MeasureOthersTask{queries, matrix}, matrix.size());
  });
  return queries;
}

void DeviceSearch::label(const QueriesView& queries, std::uint64_t* labels) {
  for_matrices(queries.view, [&](const AffinityMatrixTask& matrix) {
    accelerator_.run(LabelTask{queries, matrix, labels}, matrix.size());
  });
}

void DeviceSearch::for_matrices(const ProductView& view, const std::function<void(const AffinityMatrixTask&)>& use) {
  // A GPU has at most 65535 tiles in a direction.
  const auto width = static_cast<std::uint32_t>(std::min(most_affinities / view.count, std::size_t{1} << 20));
  for (std::uint32_t begin = view.begin; begin < view.end; begin += std::min(width, view.end - begin)) {
    AffinityMatrixTask matrix{view, affinities_.data()};
    matrix.view.begin = begin;
    matrix.view.end = begin + std::min(width, view.end - begin);
    accelerator_.run(matrix, matrix.size());
    use(matrix);
  }
}

}  // namespace farpoint::select
