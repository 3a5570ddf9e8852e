// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/exact.hpp"

#include <algorithm>
#include <tuple>

#include "exchange.hpp"
#include "mixed.hpp"

namespace farpoint::dedup {

namespace {

bool is_curated(const HashedRecord& record) {
  return (record.id & curated_bit) != 0;
}

/// Records of one hash, ids ascending: the curated ones are last.
void match(std::span<const HashedRecord> group, Matches& matches) {
  if (is_curated(group.back())) {
    for (const HashedRecord& record : group) {
      if (!is_curated(record)) matches.curated_hits.push_back(record.id);
    }
    return;
  }
  for (const HashedRecord& copy : group.subspan(1)) matches.edges.push_back({group.front().id, copy.id});
}

}  // namespace

Matches exact_matches(comm::Communicator& comm, std::span<const HashedRecord> mine) {
  const std::size_t ranks = rank_count(comm);
  auto records =
      exchanged(comm, mine, [&](const HashedRecord& record) { return owner_of_hash(record.hash.high, ranks); }).data;
  std::sort(records.begin(), records.end(), [](const HashedRecord& x, const HashedRecord& y) {
    return std::tie(x.hash, x.id) < std::tie(y.hash, y.id);
  });

  Matches matches;
  for (std::size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    while (end < records.size() && records[end].hash == records[begin].hash) ++end;
    match(std::span<const HashedRecord>(records).subspan(begin, end - begin), matches);
  }
  std::sort(matches.curated_hits.begin(), matches.curated_hits.end());
  std::sort(matches.edges.begin(), matches.edges.end(),
            [](const Edge& x, const Edge& y) { return std::tie(x.a, x.b) < std::tie(y.a, y.b); });
  return matches;
}

}  // namespace farpoint::dedup
