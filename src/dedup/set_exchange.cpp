// SPDX-License-Identifier: Apache-2.0
#include "set_exchange.hpp"

#include "exchange.hpp"

namespace farpoint::dedup {

SetRequest::SetRequest(std::size_t ranks, std::size_t batch_bytes)
    : share_(batch_bytes / sizeof(std::uint64_t) / ranks), asked_(ranks, 0) {}

bool SetRequest::add(const Member& member) {
  if (places_.contains(member.id)) return true;
  if (asked_[member.holder] + member.size > share_) return false;
  add_anyway(member);
  return true;
}

void SetRequest::add_anyway(const Member& member) {
  if (!places_.try_emplace(member.id, wanted_.size()).second) return;
  asked_[member.holder] += member.size;
  wanted_.push_back({member.id, member.size, member.holder});
}

void SetRequest::take_back(std::size_t mark) {
  for (; wanted_.size() > mark; wanted_.pop_back()) {
    asked_[wanted_.back().holder] -= wanted_.back().size;
    places_.erase(wanted_.back().id);
  }
}

FetchedSets::FetchedSets(comm::Communicator& comm, const ShingleSets& mine, const SetRequest& request) {
  const std::size_t ranks = rank_count(comm);
  const auto sent = routed(std::span<const SetRequest::Wanted>(request.wanted_), ranks,
                           [](const SetRequest::Wanted& wanted) { return wanted.holder; });
  const auto asked = comm::all_to_all(comm, std::span<const SetRequest::Wanted>(sent.values), sent.counts);

  std::vector<std::uint64_t> answers;
  std::vector<std::uint64_t> counts(ranks, 0);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    for (const auto& wanted : asked.of(static_cast<int>(rank))) counts[rank] += wanted.size;
  }
  std::size_t end = 0;
  for (const auto& wanted : asked.data) end += wanted.size;
  answers.resize(end);
  end = 0;
  for (const auto& wanted : asked.data) {
    mine.read(mine.index_of(wanted.id), std::span(answers).subspan(end, wanted.size));
    end += wanted.size;
  }
  shingles_ = comm::all_to_all(comm, std::span<const std::uint64_t>(answers), counts).data;

  std::size_t begin = 0;
  sets_.reserve(sent.values.size());
  for (const auto& wanted : sent.values) {
    sets_.emplace(wanted.id, std::span<const std::uint64_t>(shingles_).subspan(begin, wanted.size));
    begin += wanted.size;
  }
}

}  // namespace farpoint::dedup
