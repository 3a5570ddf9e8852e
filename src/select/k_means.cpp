// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/k_means.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "blas.hpp"
#include "faiss_clustering.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/random.hpp"
#include "inputs.hpp"
#include "k_means_assign.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t piece_rows = 4096;  // that travel at a time

/// This rank's rows of the sample, and where they go in it.
struct Part {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint64_t> places;
};

/// `sample` is sorted.
Part part_of(const Vectors& rows, std::span<const std::uint64_t> sample) {
  Part part;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto at = std::lower_bound(sample.begin(), sample.end(), rows.id(row));
    if (at == sample.end() || *at != rows.id(row)) continue;
    part.rows.push_back(static_cast<std::uint32_t>(row));
    part.places.push_back(static_cast<std::uint64_t>(at - sample.begin()));
  }
  return part;
}

/// Hands this rank's rows to `take` in pieces: (first, rows of the piece one behind the other).
template <typename Take>
void read_pieces(const Vectors& rows, std::span<const std::uint32_t> wanted, const Take& take) {
  RowBlock block(rows, piece_rows);
  std::vector<float> piece;
  for (std::size_t first = 0; first < wanted.size(); first += piece_rows) {
    const auto numbers = wanted.subspan(first, std::min(piece_rows, wanted.size() - first));
    piece.clear();
    for (const float* row : block.load(numbers)) piece.insert(piece.end(), row, row + rows.dimension());
    take(first, std::span<const float>(piece));
  }
}

/// The rows of the sample in the order of their ids, on rank 0; elsewhere nothing.
std::vector<float> collect(comm::Communicator& comm, const Vectors& rows, std::span<const std::uint64_t> sample) {
  const std::size_t dimension = rows.dimension();
  const Part mine = part_of(rows, sample);
  const auto places = comm::gather(comm, std::span<const std::uint64_t>(mine.places));
  if (comm.rank() != 0) {
    read_pieces(rows, mine.rows, [&](std::size_t, std::span<const float> piece) { comm::send(comm, piece, 0); });
    return {};
  }
  std::vector<float> points(sample.size() * dimension);
  const auto put = [&](std::span<const std::uint64_t> at, std::span<const float> piece) {
    for (std::size_t i = 0; i * dimension < piece.size(); ++i) {
      std::copy_n(piece.data() + i * dimension, dimension, points.data() + at[i] * dimension);
    }
  };
  read_pieces(rows, mine.rows,
              [&](std::size_t first, std::span<const float> piece) { put(places.of(0).subspan(first), piece); });
  std::vector<float> piece;
  for (int rank = 1; rank < comm.size(); ++rank) {
    auto at = places.of(rank);
    while (!at.empty()) {
      piece.resize(std::min(piece_rows, at.size()) * dimension);
      comm::receive(comm, std::span(piece), rank);
      put(at, piece);
      at = at.subspan(piece.size() / dimension);
    }
  }
  return points;
}

/// The averages are rounded as FAISS rounds them; canonical cosine wants unit length as everywhere else. Where points
/// cancel each other there is no direction, and the centroid is zero.
void make_unit(std::span<float> centroids, std::size_t dimension) {
  for (std::size_t begin = 0; begin < centroids.size(); begin += dimension) {
    const auto centroid = centroids.subspan(begin, dimension);
    if (!normalize(centroid)) std::fill(centroid.begin(), centroid.end(), 0.0F);
  }
}

void check_options(const KMeansOptions& options) {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  if (options.clusters == 0 || options.clusters > most) {
    throw UsageError(fmt::format("k-means with {} clusters; 1 to {} are possible", options.clusters, most));
  }
  if (options.sample_per_cluster == 0)
    throw UsageError("k-means needs at least one record for each cluster to train on");
}

std::vector<float> find_centroids(comm::Communicator& comm, const Vectors& rows, KMeansOptions options,
                                  std::uint64_t all_rows) {
  options.clusters = static_cast<std::size_t>(std::min<std::uint64_t>(options.clusters, all_rows));
  std::vector<float> centroids(options.clusters * rows.dimension());
  if (centroids.empty()) return centroids;
  const std::uint64_t sampled = options.sample_per_cluster > all_rows / options.clusters
                                    ? all_rows
                                    : options.clusters * options.sample_per_cluster;
  auto sample = random_subset(comm, rows.ids(), sampled, options.seed);
  std::sort(sample.begin(), sample.end());
  auto points = collect(comm, rows, sample);
  comm::agree(comm, [&] {
    if (comm.rank() == 0) centroids = train_centroids(points, rows.dimension(), options);
  });
  points = {};
  comm::broadcast(comm, std::span(centroids));
  if (options.metric == Metric::cosine) make_unit(centroids, rows.dimension());
  return centroids;
}

}  // namespace

KMeansResult k_means(comm::Communicator& comm, const Vectors& rows, const KMeansOptions& options) {
  check_options(options);
  load_blas();
  const std::uint64_t all_rows = agree_on_inputs(comm, rows, {}).rows;
  KMeansResult result;
  result.centroids = find_centroids(comm, rows, options, all_rows);
  result.clusters = rows.dimension() == 0 ? 0 : result.centroids.size() / rows.dimension();
  auto nearest = nearest_centroids(rows, options.metric, result.centroids, true);
  result.labels = std::move(nearest.labels);
  result.distances = std::move(nearest.values);
  result.sizes.assign(result.clusters, 0);
  for (const std::uint32_t label : result.labels) ++result.sizes[label];
  comm::all_reduce(comm, std::span(result.sizes), comm::Reduction::sum);
  return result;
}

}  // namespace farpoint::select
