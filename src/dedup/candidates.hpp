// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "band_file.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::dedup {

/// In how many parts the hashes of a band are exchanged, so that none takes more than a batch.
std::size_t parts_of(comm::Communicator& comm, std::uint64_t records, std::size_t batch_bytes);

/// Which part a hash belongs to: by other bits than its owner (owner_of_hash), and not by the lowest one.
inline std::size_t part_of_hash(std::uint64_t hash, std::size_t parts) {
  return static_cast<std::size_t>(((hash >> 1 & 0xffffffff) * parts) >> 32);
}

/// Buckets are told apart by a band's hash without its lowest bit, which says that a record is curated.
inline std::uint64_t bucket_of(std::uint64_t hash) {
  return hash & ~std::uint64_t{1};
}

/// Of this rank's records, flags for those that share a bucket of any band with another active one, one of the two
/// being a pool record. `active` and `ids` are those of the records of `bands`, in their order. Collective.
std::vector<std::uint8_t> find_candidates(comm::Communicator& comm, const BandFile& bands,
                                          std::span<const std::uint64_t> ids, std::span<const std::uint8_t> active,
                                          std::size_t batch_bytes);

}  // namespace farpoint::dedup
