// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/select/neighbours.hpp"
#include "farpoint/select/random.hpp"

namespace farpoint::select {

namespace {

/// Copies of this rank's rows of the sample.
struct Sample {
  std::vector<std::uint64_t> ids;
  std::vector<float> rows;
};

Sample draw(comm::Communicator& comm, const Vectors& queries, std::size_t count, std::uint64_t seed) {
  auto drawn = random_subset(comm, queries.ids(), count, seed);
  std::sort(drawn.begin(), drawn.end());
  Sample sample;
  RowBlock block(queries, 1);
  for (std::size_t row = 0; row < queries.size(); ++row) {
    if (!std::binary_search(drawn.begin(), drawn.end(), queries.id(row))) continue;
    const float* numbers = block.load_range(row, 1).front();
    sample.ids.push_back(queries.id(row));
    sample.rows.insert(sample.rows.end(), numbers, numbers + queries.dimension());
  }
  return sample;
}

}  // namespace

Recall measured_recall(comm::Communicator& comm, const NeighbourIndex& index, const Vectors& base,
                       const Vectors& queries, std::size_t k, std::size_t sample, const NeighbourOptions& options,
                       bool exclude_self) {
  const Sample drawn = draw(comm, queries, sample, options.seed);
  const Vectors some(drawn.rows, drawn.ids, queries.dimension());
  NeighbourOptions exactly = options;
  exactly.kind = IndexKind::flat;
  const auto expected = NeighbourIndex(comm, base, exactly).nearest(some, k, exclude_self);
  const auto found = index.nearest(some, k, exclude_self);
  Recall recall;
  recall.queries = some.size();
  for (std::size_t query = 0; query < expected.size(); ++query) {
    const auto answer = found.ids_of(query);
    for (const std::uint64_t id : expected.ids_of(query)) {
      ++recall.expected;
      if (std::find(answer.begin(), answer.end(), id) != answer.end()) ++recall.found;
    }
  }
  std::uint64_t* const numbers[] = {&recall.queries, &recall.expected, &recall.found};
  for (std::uint64_t* number : numbers) *number = comm::all_reduce(comm, *number, comm::Reduction::sum);
  return recall;
}

}  // namespace farpoint::select
