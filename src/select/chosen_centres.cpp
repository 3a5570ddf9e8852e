// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "assignment.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::select {

namespace {

/// So many vectors are on their way at a time.
constexpr std::size_t block_chosen = 4096;

/// Those of the chosen records that this rank has.
struct Part {
  std::vector<std::uint64_t> positions;
  std::vector<float> vectors;
};

Part part_of(const Vectors& pool, std::span<const std::uint64_t> chosen) {
  struct Place {
    std::uint32_t row;
    std::uint64_t position;
  };
  std::vector<Place> places;
  const auto ids = pool.ids();
  for (std::size_t position = 0; position < chosen.size(); ++position) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), chosen[position]);
    if (at != ids.end() && *at == chosen[position]) {
      places.push_back({static_cast<std::uint32_t>(at - ids.begin()), position});
    }
  }
  // Rows in files are read in this order.
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.row < b.row; });
  std::vector<std::uint32_t> numbers(places.size());
  std::transform(places.begin(), places.end(), numbers.begin(), [](const Place& place) { return place.row; });
  RowBlock block(pool, numbers.size());
  Part part;
  for (const float* row : block.load(numbers)) part.vectors.insert(part.vectors.end(), row, row + pool.dimension());
  for (const Place& place : places) part.positions.push_back(place.position);
  return part;
}

void check_unique(std::span<const std::uint64_t> chosen) {
  std::vector<std::uint64_t> sorted(chosen.begin(), chosen.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw comm::AgreedError(fmt::format("the record {} is chosen twice", *twice));
}

}  // namespace

ChosenCentres::ChosenCentres(comm::Communicator& comm, Metric metric, const Vectors& pool,
                             std::span<const std::uint64_t> chosen, std::span<const float> curated)
    : screening_(metric, pool.dimension()), centres_(screening_, pool.dimension()) {
  check_unique(chosen);
  const std::size_t dimension = pool.dimension();
  const auto all = comm::all_gather(comm, curated).data;
  centres_.reserve(chosen.size() + (dimension == 0 ? 0 : all.size() / dimension));
  for (std::size_t begin = 0; begin < all.size(); begin += dimension) {
    centres_.add(std::span(all).subspan(begin, dimension), curated_representative);
  }
  for (std::size_t begin = 0; begin < chosen.size(); begin += block_chosen) {
    gather(comm, pool, chosen.subspan(begin, std::min(block_chosen, chosen.size() - begin)));
  }
}

void ChosenCentres::gather(comm::Communicator& comm, const Vectors& pool, std::span<const std::uint64_t> chosen) {
  constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
  const Part mine = part_of(pool, chosen);
  const auto positions = comm::all_gather(comm, std::span(mine.positions)).data;
  const auto vectors = comm::all_gather(comm, std::span(mine.vectors)).data;
  std::vector<std::size_t> places(chosen.size(), nowhere);
  for (std::size_t i = 0; i < positions.size(); ++i) places[positions[i]] = i;
  const auto lost = std::find(places.begin(), places.end(), nowhere);
  if (lost != places.end()) {
    throw comm::AgreedError(fmt::format("the chosen record {} is not in the pool",
                                        chosen[static_cast<std::size_t>(lost - places.begin())]));
  }
  for (std::size_t position = 0; position < chosen.size(); ++position) {
    centres_.add(std::span(vectors).subspan(places[position] * pool.dimension(), pool.dimension()), chosen[position]);
  }
}

}  // namespace farpoint::select
