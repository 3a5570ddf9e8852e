// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/id_flags.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exchange.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::dedup {

namespace {

std::vector<std::uint64_t> sorted_distinct(std::span<const std::uint64_t> ids, std::uint64_t end) {
  std::vector<std::uint64_t> distinct(ids.begin(), ids.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (!distinct.empty() && distinct.back() >= end) {
    throw Error(fmt::format("a flag for record {} of {} records", distinct.back(), end));
  }
  return distinct;
}

}  // namespace

IdFlags::IdFlags(comm::Communicator& comm, std::uint64_t ids) : comm_(comm), ids_(ids) {
  const std::uint64_t ranks = rank_count(comm);
  block_ = std::max<std::uint64_t>((ids + ranks - 1) / ranks, 1);
  const auto first = std::min(static_cast<std::uint64_t>(comm.rank()) * block_, ids);
  flags_.assign(std::min(block_, ids - first), 0);
}

void IdFlags::set(std::span<const std::uint64_t> ids) {
  const auto distinct = sorted_distinct(ids, ids_);
  const auto owner = [&](std::uint64_t id) { return static_cast<std::size_t>(id / block_); };
  for (const auto id : exchanged(comm_, std::span<const std::uint64_t>(distinct), owner).data) flags_[id % block_] = 1;
}

std::vector<std::uint8_t> IdFlags::get(std::span<const std::uint64_t> ids) const {
  const auto distinct = sorted_distinct(ids, ids_);
  const auto owner = [&](std::uint64_t id) { return static_cast<std::size_t>(id / block_); };
  const auto asked = exchanged(comm_, std::span<const std::uint64_t>(distinct), owner);
  std::vector<std::uint8_t> answers;
  for (const auto id : asked.data) answers.push_back(flags_[id % block_]);
  const auto found = comm::all_to_all(comm_, std::span<const std::uint8_t>(answers), counts_of(asked)).data;
  std::vector<std::uint8_t> result;
  for (const auto id : ids) {
    const auto at = std::lower_bound(distinct.begin(), distinct.end(), id) - distinct.begin();
    result.push_back(found[static_cast<std::size_t>(at)]);
  }
  return result;
}

}  // namespace farpoint::dedup
