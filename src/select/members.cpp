// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/select/assignment.hpp"

namespace farpoint::select {

namespace {

constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();

/// This rank's members in their order.
std::vector<Member> members_of(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> representatives,
                               std::span<const std::uint64_t> chosen) {
  std::unordered_map<std::uint64_t, std::uint64_t> positions;
  positions.reserve(chosen.size());
  for (std::size_t position = 0; position < chosen.size(); ++position) positions.emplace(chosen[position], position);
  std::vector<Member> members;
  members.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (representatives[i] == curated_representative) continue;
    const auto position = positions.find(representatives[i]);
    if (position == positions.end()) {
      throw Error(fmt::format("the record {} is represented by {}, which is not chosen", ids[i], representatives[i]));
    }
    members.push_back({position->second, ids[i]});
  }
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace

void for_each_member_block(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                           std::span<const std::uint64_t> representatives, std::span<const std::uint64_t> chosen,
                           std::size_t block, const std::function<void(std::span<const Member>)>& visit) {
  const auto members = members_of(ids, representatives, chosen);
  const std::size_t share = std::max<std::size_t>(block / static_cast<std::size_t>(comm.size()), 1);
  auto next = members.begin();
  while (true) {
    // What comes before the first member that a rank keeps for a later block is complete.
    const bool keeps = static_cast<std::size_t>(members.end() - next) > share;
    const Member kept = keeps ? next[static_cast<std::ptrdiff_t>(share)] : Member{last, last};
    const auto all_kept = comm::all_gather(comm, kept);
    const Member first_kept = *std::min_element(all_kept.begin(), all_kept.end());
    const auto end = std::lower_bound(next, members.end(), first_kept);
    auto merged = comm::gather(comm, std::span<const Member>(next, end)).data;
    next = end;
    std::sort(merged.begin(), merged.end());
    if (!merged.empty()) visit(merged);
    if (first_kept == Member{last, last}) return;
  }
}

}  // namespace farpoint::select
