// SPDX-License-Identifier: Apache-2.0
#include "must_keep.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t shown_ids = 5;

struct Entry {
  std::uint64_t found = 0;
  std::uint64_t label = 0;
  std::uint64_t tokens = 0;
};

void check_unique(std::span<const std::uint64_t> must_keep) {
  std::vector<std::uint64_t> sorted(must_keep.begin(), must_keep.end());
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) throw comm::AgreedError(fmt::format("the record {} must be kept twice", *twice));
}

void check_found(std::span<const std::uint64_t> must_keep, std::span<const Entry> entries) {
  std::vector<std::uint64_t> lost;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].found == 0) lost.push_back(must_keep[i]);
  }
  if (lost.empty()) return;
  const auto shown = std::span(lost).first(std::min(lost.size(), shown_ids));
  throw comm::AgreedError(
      fmt::format("{} record{} that must be kept {} no candidate: {}{}; ids count from 0 over the whole pool, and a "
                  "record may have been removed by an earlier job",
                  lost.size(), lost.size() == 1 ? "" : "s", lost.size() == 1 ? "is" : "are", fmt::join(shown, ", "),
                  lost.size() > shown.size() ? ", ..." : ""));
}

}  // namespace

void take_must_keep(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Charges& charges,
                    std::span<const std::uint64_t> must_keep, Ledger& ledger) {
  if (must_keep.empty()) return;
  check_unique(must_keep);
  std::vector<Entry> entries(must_keep.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), must_keep[i]);
    if (at == ids.end() || *at != must_keep[i]) continue;
    const auto row = static_cast<std::size_t>(at - ids.begin());
    entries[i] = {1, charges.label(row), charges.token_count(row)};
  }
  // At most one rank has each of them, so the sum is its entry.
  static_assert(sizeof(Entry) == 3 * sizeof(std::uint64_t));
  comm::all_reduce(comm, std::span(reinterpret_cast<std::uint64_t*>(entries.data()), 3 * entries.size()),
                   comm::Reduction::sum);
  check_found(must_keep, entries);
  for (const Entry& entry : entries) ledger.take_anyway(static_cast<std::uint32_t>(entry.label), entry.tokens);
}

}  // namespace farpoint::select
