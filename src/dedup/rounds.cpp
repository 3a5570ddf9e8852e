// SPDX-License-Identifier: Apache-2.0
#include "rounds.hpp"

#include <algorithm>
#include <deque>
#include <memory>

#include "exchange.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/dedup/shingles.hpp"
#include "set_exchange.hpp"

namespace farpoint::dedup {

namespace {

/// The buckets of a rank, one after the other.
class Buckets {
 public:
  Buckets(std::span<const Member> members, Sweep sweep, const WalkLimits& limits)
      : rest_(members), sweep_(sweep), limits_(limits) {}

  /// The walk through the next bucket in which anything is compared; null at the end.
  std::unique_ptr<Walk> next() {
    while (!rest_.empty()) {
      std::size_t size = 1;
      while (size < rest_.size() && rest_[size].hash == rest_.front().hash) ++size;
      const auto members = rest_.first(size);
      rest_ = rest_.subspan(size);
      if (!has_pairs(members)) continue;
      auto walk = walk_through(members);
      if (walk->next()) return walk;
    }
    return nullptr;
  }

 private:
  bool has_pairs(std::span<const Member> members) const {
    if (sweep_ == Sweep::curated) return is_curated(members.front().id) && !is_curated(members.back().id);
    return std::any_of(members.begin(), members.end(),
                       [&](const Member& member) { return member.label != members.front().label; });
  }

  std::unique_ptr<Walk> walk_through(std::span<const Member> members) const {
    if (sweep_ == Sweep::curated) return std::make_unique<CuratedWalk>(members, limits_);
    return std::make_unique<ComponentWalk>(members, limits_);
  }

  std::span<const Member> rest_;
  Sweep sweep_;
  WalkLimits limits_;
};

/// Asks for all sets that the walk may still need; false when they are too many for this round.
bool ask_for_all(const Walk& walk, SetRequest& request) {
  const std::size_t mark = request.mark();
  for (std::size_t i = 0; i < walk.members().size(); ++i) {
    if (walk.is_open(i) && !request.add(walk.members()[i])) {
      request.take_back(mark);
      return false;
    }
  }
  return true;
}

/// Asks for the next pair, and for as many of the others as there is room for.
void ask_for_some(Walk& walk, SetRequest& request) {
  const auto pair = walk.next();
  request.add_anyway(walk.members()[pair->first]);
  request.add_anyway(walk.members()[pair->second]);
  for (std::size_t i = 0; i < walk.members().size(); ++i) {
    if (walk.is_open(i) && !request.add(walk.members()[i])) return;
  }
}

/// Compares as long as the sets are there.
void go_on(Walk& walk, const FetchedSets& sets, double threshold) {
  while (const auto pair = walk.next()) {
    const std::uint64_t a = walk.members()[pair->first].id;
    const std::uint64_t b = walk.members()[pair->second].id;
    if (!sets.has(a) || !sets.has(b)) return;
    walk.answer(jaccard(sets.of(a), sets.of(b)) >= threshold);
  }
}

using Walks = std::deque<std::unique_ptr<Walk>>;

/// Takes up as many walks as their sets have room in the request; the one behind them waits for the next round.
void fill(SetRequest& request, Walks& walks, Buckets& buckets) {
  for (std::size_t taken = 0;; ++taken) {
    if (taken == walks.size()) {
      auto walk = buckets.next();
      if (!walk) return;
      walks.push_back(std::move(walk));
    }
    if (ask_for_all(*walks[taken], request)) continue;
    if (request.empty()) ask_for_some(*walks[taken], request);
    return;
  }
}

void take_finished(Walks& walks, Walked& walked) {
  std::erase_if(walks, [&](const std::unique_ptr<Walk>& walk) {
    if (walk->next()) return false;
    walked.found.insert(walked.found.end(), walk->found().begin(), walk->found().end());
    walked.compared += walk->compared();
    walked.capped += walk->capped();
    return true;
  });
}

}  // namespace

Walked walk_buckets(comm::Communicator& comm, std::span<const Member> members, Sweep sweep, const WalkLimits& limits,
                    const ShingleSets& mine, std::size_t batch_bytes) {
  Walked walked;
  Buckets buckets(members, sweep, limits);
  SetRequest request(rank_count(comm), batch_bytes);
  Walks walks;
  for (;;) {
    fill(request, walks, buckets);
    if (comm::all_reduce(comm, static_cast<std::uint64_t>(walks.size()), comm::Reduction::max) == 0) return walked;
    const FetchedSets sets(comm, mine, request);
    constexpr std::size_t grain = 16;
    parallel_for(walks.size(), grain, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) go_on(*walks[i], sets, limits.threshold);
    });
    take_finished(walks, walked);
    request.clear();
  }
}

}  // namespace farpoint::dedup
