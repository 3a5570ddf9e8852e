// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/random.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "farpoint/base/random.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t subset_stream = 0x737562736574;  // "subset": own numbers for the same seed

struct Ticket {
  std::uint64_t number = 0;
  std::uint64_t id = 0;
  auto operator<=>(const Ticket&) const = default;
};

Ticket ticket_of(std::uint64_t seed, std::uint64_t id) {
  return {random_bits(seed, subset_stream, id), id};
}

/// How many numbers of all ranks lie in each of 256 intervals of length 2^shift from `begin` on.
std::array<std::uint64_t, 256> histogram(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         std::uint64_t seed, std::uint64_t begin, int shift) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::uint64_t id : ids) {
    const std::uint64_t number = ticket_of(seed, id).number;
    if (number < begin) continue;
    const std::uint64_t interval = (number - begin) >> shift;
    if (interval < counts.size()) ++counts[interval];
  }
  comm::all_reduce(comm, std::span<std::uint64_t>(counts), comm::Reduction::sum);
  return counts;
}

/// A number that at least `count` numbers, but not many more, do not exceed. Each round looks into the interval that
/// holds the count-th smallest; the numbers are so evenly spread that one or two rounds do.
std::uint64_t find_limit(comm::Communicator& comm, std::span<const std::uint64_t> ids, std::uint64_t count,
                         std::uint64_t seed) {
  constexpr std::uint64_t spare = 1024;
  std::uint64_t begin = 0;
  std::uint64_t below = 0;  // numbers smaller than `begin`
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto counts = histogram(comm, ids, seed, begin, shift);
    std::size_t interval = 0;
    while (interval + 1 < counts.size() && below + counts[interval] < count) below += counts[interval++];
    begin += std::uint64_t{interval} << shift;
    if (counts[interval] <= std::max(count / 2, spare)) return begin + ((std::uint64_t{1} << shift) - 1);
  }
  return begin;
}

}  // namespace

std::vector<std::uint64_t> random_subset(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                         std::uint64_t count, std::uint64_t seed) {
  if (count == 0) return {};
  const std::uint64_t limit = find_limit(comm, ids, count, seed);
  std::vector<Ticket> mine;
  for (const std::uint64_t id : ids) {
    const Ticket ticket = ticket_of(seed, id);
    if (ticket.number <= limit) mine.push_back(ticket);
  }
  auto tickets = comm::all_gather(comm, std::span<const Ticket>(mine)).data;
  std::sort(tickets.begin(), tickets.end());
  tickets.resize(std::min<std::uint64_t>(count, tickets.size()));
  std::vector<std::uint64_t> drawn(tickets.size());
  std::transform(tickets.begin(), tickets.end(), drawn.begin(), [](const Ticket& ticket) { return ticket.id; });
  return drawn;
}

}  // namespace farpoint::select
