// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/random.hpp"

#include <algorithm>

#include "farpoint/base/random.hpp"
#include "farpoint/select/ranking.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t subset_stream = 0x737562736574;  // "subset": own numbers for the same seed

}  // namespace

std::uint64_t random_key(std::uint64_t seed, std::uint64_t id) {
  return random_bits(seed, subset_stream, id);
}

std::vector<std::uint64_t> choose_at_random(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                            const Charges& charges, std::span<const std::uint64_t> must_keep,
                                            std::uint64_t seed, Ledger& ledger) {
  std::vector<std::uint64_t> keys(ids.size());
  std::transform(ids.begin(), ids.end(), keys.begin(), [&](std::uint64_t id) { return random_key(seed, id); });
  return choose_in_order(comm, ids, keys, charges, must_keep, ledger);
}

std::vector<std::uint64_t> random_subset(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         std::uint64_t count, std::uint64_t seed) {
  Ledger ledger({.records = count});
  return choose_at_random(comm, ids, {}, {}, seed, ledger);
}

}  // namespace farpoint::select
