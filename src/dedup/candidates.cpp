// SPDX-License-Identifier: Apache-2.0
#include "candidates.hpp"

#include <algorithm>

#include "exchange.hpp"
#include "mixed.hpp"
#include "walk.hpp"

namespace farpoint::dedup {

namespace {

struct Keyed {
  std::uint64_t key;     ///< the bucket, and in the lowest bit whether the record is curated
  std::uint64_t record;  ///< its place among this rank's, or among those that a rank has received
};

/// For each key, whether a pool record and any other record are in its bucket.
std::vector<std::uint8_t> shared_buckets(std::span<const std::uint64_t> keys) {
  std::vector<Keyed> sorted;
  sorted.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) sorted.push_back({keys[i], i});
  // Those of the pool come first.
  std::sort(sorted.begin(), sorted.end(), [](const Keyed& x, const Keyed& y) { return x.key < y.key; });
  std::vector<std::uint8_t> shared(keys.size(), 0);
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && bucket_of(sorted[end].key) == bucket_of(sorted[begin].key)) ++end;
    const bool has_pool_record = sorted[begin].key == bucket_of(sorted[begin].key);
    if (end - begin < 2 || !has_pool_record) continue;
    for (std::size_t i = begin; i < end; ++i) shared[sorted[i].record] = 1;
  }
  return shared;
}

void find_in_part(comm::Communicator& comm, std::vector<Keyed> records, std::vector<std::uint8_t>& candidates) {
  const std::size_t ranks = rank_count(comm);
  auto sent = routed(std::span<const Keyed>(records), ranks,
                     [&](const Keyed& record) { return owner_of_hash(record.key, ranks); });
  records = {};
  std::vector<std::uint64_t> keys(sent.values.size());
  std::transform(sent.values.begin(), sent.values.end(), keys.begin(), [](const Keyed& record) { return record.key; });
  const auto received = comm::all_to_all(comm, std::span<const std::uint64_t>(keys), sent.counts);
  const auto shared = shared_buckets(received.data);
  const auto answers = comm::all_to_all(comm, std::span<const std::uint8_t>(shared), counts_of(received)).data;
  for (std::size_t i = 0; i < answers.size(); ++i) candidates[sent.values[i].record] |= answers[i];
}

}  // namespace

std::size_t parts_of(comm::Communicator& comm, std::uint64_t records, std::size_t batch_bytes) {
  // Of a record, what is sent, and what is received on average.
  constexpr std::uint64_t record_bytes = 2 * sizeof(Member);
  const std::uint64_t most = comm::all_reduce(comm, records, comm::Reduction::max);
  return static_cast<std::size_t>(most * record_bytes / batch_bytes + 1);
}

std::vector<std::uint8_t> find_candidates(comm::Communicator& comm, const BandFile& bands,
                                          std::span<const std::uint64_t> ids, std::span<const std::uint8_t> active,
                                          std::size_t batch_bytes) {
  std::vector<std::uint8_t> candidates(ids.size(), 0);
  const auto count = static_cast<std::uint64_t>(std::count(active.begin(), active.end(), 1));
  const std::size_t parts = parts_of(comm, count, batch_bytes);
  for (std::size_t band = 0; band < bands.bands(); ++band) {
    for (std::size_t part = 0; part < parts; ++part) {
      std::vector<Keyed> records;
      bands.visit(band, [&](std::size_t first, std::span<const std::uint64_t> hashes) {
        for (std::size_t i = 0; i < hashes.size(); ++i) {
          if (active[first + i] == 0 || part_of_hash(hashes[i], parts) != part) continue;
          records.push_back({bucket_of(hashes[i]) | static_cast<std::uint64_t>(is_curated(ids[first + i])), first + i});
        }
      });
      find_in_part(comm, std::move(records), candidates);
    }
  }
  return candidates;
}

}  // namespace farpoint::dedup
