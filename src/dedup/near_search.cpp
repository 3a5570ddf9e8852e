// SPDX-License-Identifier: Apache-2.0
#include "near_search.hpp"

#include <algorithm>

#include "candidates.hpp"
#include "exchange.hpp"
#include "mixed.hpp"

namespace farpoint::dedup {

namespace {

void add_to(NearResult& result, const Walked& walked) {
  result.compared += walked.compared;
  result.capped += walked.capped;
}

}  // namespace

NearSearch::NearSearch(comm::Communicator& comm, const NearOptions& options, const BandFile& bands,
                       const ShingleSets& sets, std::span<const std::uint8_t> candidates,
                       std::span<const std::uint64_t> record_ids)
    : comm_(comm),
      options_(options),
      bands_(bands),
      sets_(sets),
      candidates_(candidates),
      labels_(sets.ids().begin(), sets.ids().end()),
      is_hit_(labels_.size(), 0) {
  set_of_.reserve(labels_.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i] != 0) set_of_.push_back(static_cast<std::uint32_t>(sets.index_of(record_ids[i])));
  }
}

std::vector<Member> NearSearch::members_of(std::size_t band, std::size_t part, std::size_t parts,
                                           bool with_curated) const {
  std::vector<Member> members;
  std::size_t next = 0;  // candidate
  bands_.visit(band, [&](std::size_t first, std::span<const std::uint64_t> hashes) {
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (candidates_[first + i] == 0) continue;
      const std::size_t place = set_of_[next++];
      const std::uint64_t id = sets_.ids()[place];
      if (part_of_hash(hashes[i], parts) != part || is_hit_[place] != 0) continue;
      if (is_curated(id) && !with_curated) continue;
      members.push_back({bucket_of(hashes[i]), id, labels_[place], static_cast<std::uint32_t>(sets_.size(place)),
                         static_cast<std::uint32_t>(comm_.rank())});
    }
  });
  return members;
}

Walked NearSearch::walk(std::size_t band, Sweep sweep) const {
  const std::size_t ranks = rank_count(comm_);
  const std::size_t parts = parts_of(comm_, set_of_.size(), options_.batch_bytes);
  Walked walked;
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<Member> members;
    {
      const auto mine = members_of(band, part, parts, sweep == Sweep::curated);
      members = exchanged(comm_, std::span<const Member>(mine), [&](const Member& member) {
                  return owner_of_hash(member.hash, ranks);
                }).data;
    }
    std::sort(members.begin(), members.end(), in_bucket_order);
    const Walked found = walk_buckets(comm_, members, sweep, {options_.threshold, options_.max_comparisons}, sets_,
                                      options_.batch_bytes);
    walked.found.insert(walked.found.end(), found.found.begin(), found.found.end());
    walked.compared += found.compared;
    walked.capped += found.capped;
  }
  return walked;
}

void NearSearch::find_curated_hits(NearResult& result) {
  const auto ids = sets_.ids();
  const auto curated = static_cast<std::uint64_t>(std::count_if(ids.begin(), ids.end(), is_curated));
  if (comm::all_reduce(comm_, curated, comm::Reduction::sum) == 0) return;
  for (std::size_t band = 0; band < bands_.bands(); ++band) {
    const Walked walked = walk(band, Sweep::curated);
    add_to(result, walked);
    // Whoever holds the record must know.
    const auto hits = exchanged(comm_, std::span<const NearPair>(walked.found),
                                [](const NearPair& pair) { return static_cast<std::size_t>(pair.holder); });
    for (const NearPair& hit : hits.data) is_hit_[sets_.index_of(hit.ids.a)] = 1;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (is_hit_[i] != 0) result.curated_hits.push_back(ids[i]);
  }
}

void NearSearch::join_near(Components& components, NearResult& result) {
  for (std::size_t band = 0; band < bands_.bands(); ++band) {
    update_labels(components);
    const Walked walked = walk(band, Sweep::components);
    add_to(result, walked);
    result.joined += walked.found.size();
    std::vector<Edge> edges;
    edges.reserve(walked.found.size());
    for (const NearPair& pair : walked.found) edges.push_back(pair.ids);
    components.join(edges);
  }
}

void NearSearch::update_labels(const Components& components) {
  // In parts, as the questions and answers take several times the memory of the labels.
  constexpr std::size_t label_bytes = 64;
  const std::size_t part = std::max<std::size_t>(options_.batch_bytes / label_bytes, 1);
  const auto ids = sets_.ids();
  const auto pool_end = std::lower_bound(ids.begin(), ids.end(), curated_bit);
  const auto count = static_cast<std::uint64_t>(pool_end - ids.begin());
  const auto most = comm::all_reduce(comm_, count, comm::Reduction::max);
  for (std::uint64_t begin = 0; begin < most; begin += part) {
    const std::uint64_t first = std::min(begin, count);
    const auto found = components.labels(ids.subspan(first, std::min<std::uint64_t>(part, count - first)));
    std::copy(found.begin(), found.end(), labels_.begin() + static_cast<std::ptrdiff_t>(first));
  }
}

}  // namespace farpoint::dedup
