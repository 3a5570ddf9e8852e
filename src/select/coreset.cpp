// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/coreset.hpp"

#include <algorithm>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/select/assignment.hpp"
#include "inputs.hpp"
#include "row_bounds.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t part_stream = 0x70617274;  // "part": own numbers for the same seed
/// What a part chooses, for each record that is asked for: more bring the radius nearer to the exact greedy's, for more
/// work (section 4 of the paper tries 1 to 8).
constexpr std::uint64_t coreset_factor = 2;

/// Rows with their ids, in memory.
struct Rows {
  std::vector<std::uint64_t> ids;
  std::vector<float> numbers;

  Vectors view(std::size_t dimension) const { return {numbers, ids, dimension}; }
};

/// The same in the order of ids.
Rows sorted(const Rows& rows, std::size_t dimension) {
  std::vector<std::size_t> order(rows.ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows.ids[a] < rows.ids[b]; });
  Rows result;
  result.ids.reserve(rows.ids.size());
  result.numbers.reserve(rows.numbers.size());
  for (const std::size_t i : order) {
    result.ids.push_back(rows.ids[i]);
    const auto begin = rows.numbers.begin() + static_cast<std::ptrdiff_t>(i * dimension);
    result.numbers.insert(result.numbers.end(), begin, begin + static_cast<std::ptrdiff_t>(dimension));
  }
  return result;
}

/// Those of this rank's rows that `destination` sends to a rank go there; the answer is what came here.
template <typename Destination>
Rows exchange(comm::Communicator& comm, const Vectors& pool, const Destination& destination) {
  const std::size_t dimension = pool.dimension();
  std::vector<std::vector<std::uint32_t>> outgoing(static_cast<std::size_t>(comm.size()));
  for (std::size_t row = 0; row < pool.size(); ++row) {
    const auto rank = destination(pool.id(row));
    if (rank < outgoing.size()) outgoing[rank].push_back(static_cast<std::uint32_t>(row));
  }
  Rows sent;
  std::vector<std::uint64_t> id_counts, number_counts;
  RowBlock block(pool, 1);
  for (const auto& rows : outgoing) {
    for (const std::uint32_t row : rows) {
      sent.ids.push_back(pool.id(row));
      const float* const numbers = block.load_range(row, 1)[0];
      sent.numbers.insert(sent.numbers.end(), numbers, numbers + dimension);
    }
    id_counts.push_back(rows.size());
    number_counts.push_back(rows.size() * dimension);
  }
  Rows came;
  came.ids = comm::all_to_all<std::uint64_t>(comm, sent.ids, id_counts).data;
  came.numbers = comm::all_to_all<float>(comm, sent.numbers, number_counts).data;
  return sorted(came, dimension);
}

/// What the parts that this rank gets choose. Counts the pairs that they compare in `distances`.
Rows make_coreset(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                  const KCenterOptions& options, std::size_t parts, std::uint64_t& distances) {
  const std::size_t dimension = pool.dimension();
  KCenterOptions of_part;
  of_part.metric = options.metric;
  of_part.pool_size = options.pool_size;
  of_part.assignment = false;
  of_part.limits.records = coreset_factor * options.limits.records;
  const auto all_curated = comm::all_gather<float>(comm, curated).data;
  const auto alone = comm::make_local();
  const auto ranks = static_cast<std::size_t>(comm.size());
  Rows coreset;
  for (std::size_t first = 0; first < parts; first += ranks) {
    const auto part = exchange(comm, pool, [&](std::uint64_t id) {
      const std::size_t number = random_bits(options.seed, part_stream, id) % parts;
      return number - first;  // of a part of another round: no rank
    });
    const auto chosen = k_center(*alone, {part.view(dimension)}, all_curated, of_part);
    distances += chosen.costs.distances;
    for (const std::uint64_t id : chosen.ids) {
      const auto row = std::lower_bound(part.ids.begin(), part.ids.end(), id) - part.ids.begin();
      const auto begin = part.numbers.begin() + row * static_cast<std::ptrdiff_t>(dimension);
      coreset.ids.push_back(id);
      coreset.numbers.insert(coreset.numbers.end(), begin, begin + static_cast<std::ptrdiff_t>(dimension));
    }
  }
  return sorted(coreset, dimension);
}

/// The largest distance of a record that was not chosen; 0 when all were.
double radius_of(comm::Communicator& comm, const Vectors& pool, const Assignment& assignment, Metric metric) {
  Key farthest;
  for (std::size_t row = 0; row < pool.size(); ++row) {
    if (assignment.representatives[row] == pool.id(row)) continue;
    farthest.value = std::max(farthest.value, assignment.values[row]);
  }
  const double value = comm::all_reduce(comm, farthest.value, comm::Reduction::max);
  return value == Key{}.value ? 0 : shown_distance(metric, value);
}

}  // namespace

KCenterInPartsResult k_center_in_parts(comm::Communicator& comm, const Vectors& pool, std::span<const float> curated,
                                       const KCenterOptions& options, std::size_t parts, const PickProgress& progress) {
  if (parts == 0) throw UsageError("k-center in parts needs at least one part");
  if (options.limits.records == Limits::no_limit) throw UsageError("k-center in parts needs a number of records");
  agree_on_inputs(comm, pool, curated);
  std::uint64_t distances = 0;
  const Rows coreset = make_coreset(comm, pool, curated, options, parts, distances);
  KCenterOptions among;
  among.metric = options.metric;
  among.pool_size = options.pool_size;
  among.assignment = false;
  among.limits.records = options.limits.records;

  KCenterInPartsResult result;
  const auto tell = [&](const KCenterPicks& so_far) {
    if (progress) progress(so_far.ids.size());
  };
  static_cast<KCenterResult&>(result) = k_center(comm, {coreset.view(pool.dimension())}, curated, among, tell);
  result.costs.distances += comm::all_reduce(comm, distances, comm::Reduction::sum);
  result.coreset_radius = result.radius;
  result.coreset_records = comm::all_reduce(comm, std::uint64_t{coreset.ids.size()}, comm::Reduction::sum);
  result.assignment = assign_to_chosen(comm, options.metric, pool, result.ids, curated);
  result.radius = radius_of(comm, pool, result.assignment, options.metric);
  return result;
}

}  // namespace farpoint::select
