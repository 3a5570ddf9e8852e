// SPDX-License-Identifier: Apache-2.0
#include "facility_location_pool.hpp"

#include <algorithm>
#include <numeric>

#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

namespace {

/// Edges of a pool, 16 bytes each, on every rank. Some records have very many; the first always goes in.
constexpr std::uint64_t most_edges = std::uint64_t{1} << 22;

/// As the pool of k-center (pool.cpp): four times a rank's fair share.
std::size_t shown_records(std::size_t pool_size, std::size_t ranks) {
  constexpr std::size_t least_shown = 32;
  const std::size_t fair_share = (pool_size + ranks - 1) / ranks;
  return std::min(pool_size, std::max(4 * fair_share, least_shown));
}

}  // namespace

GainQueue::GainQueue(const CoverGraph& graph)
    : graph_(graph), heap_(graph.records().size()), chosen_(graph.records().size(), 0) {
  constexpr std::size_t grain = 1024;
  parallel_for(heap_.size(), grain, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t record = begin; record < end; ++record) {
      heap_[record] = {{graph_.gain(record), graph_.records()[record].id}, static_cast<std::uint32_t>(record)};
    }
  });
  std::make_heap(heap_.begin(), heap_.end(), [](const Entry& a, const Entry& b) { return b.key.before(a.key); });
}

void GainQueue::push(const Entry& entry) {
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), [](const Entry& a, const Entry& b) { return b.key.before(a.key); });
}

GainQueue::Entry GainQueue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), [](const Entry& a, const Entry& b) { return b.key.before(a.key); });
  const Entry entry = heap_.back();
  heap_.pop_back();
  return entry;
}

std::vector<CoverCandidate> GainQueue::take_first(std::size_t count, const Ledger& ledger) {
  std::vector<CoverCandidate> taken;
  std::vector<CoverEdge> edges;
  while (taken.size() < count && !heap_.empty()) {
    const Entry entry = pop();
    if (chosen_[entry.record]) continue;
    const CoverRecord& record = graph_.records()[entry.record];
    if (!ledger.is_open(record.label)) {
      closed_.push_back(entry);
      continue;
    }
    edges.clear();
    graph_.append_edges(entry.record, edges);
    std::uint64_t gain = 0;
    for (const CoverEdge& edge : edges) gain += edge.similarity - edge.covered;
    if (gain < entry.key.gain) {
      push({{gain, record.id}, entry.record});
    } else {
      taken.push_back({entry.key, record.tokens, record.label, entry.record, edges.size()});
    }
  }
  return taken;
}

void GainQueue::put_back_closed() {
  for (const Entry& entry : closed_) push(entry);
  closed_.clear();
}

CoverPool::CoverPool(comm::Communicator& comm, const CoverGraph& graph, std::vector<CoverCandidate> all,
                     std::span<const CoverCandidate> own, std::span<const std::uint64_t> counts)
    : candidates_(std::move(all)), chosen_(candidates_.size(), 0) {
  std::vector<CoverEdge> mine;
  for (const CoverCandidate& candidate : own) graph.append_edges(candidate.record, mine);
  std::vector<std::uint64_t> bytes(counts.size(), 0);
  std::size_t next = 0;
  std::uint64_t total = 0;
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    for (std::uint64_t i = 0; i < counts[rank]; ++i) {
      const std::uint64_t edges = candidates_[next++].edges;
      bytes[rank] += edges * sizeof(CoverEdge);
      total += edges;
    }
  }
  std::vector<CoverEdge> edges(total);
  comm.all_gather_bytes(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(edges)), bytes);
  group(edges);
}

/// Turns the candidates' edges into sources with all their candidates, and back.
void CoverPool::group(std::span<const CoverEdge> edges) {
  std::vector<std::uint32_t> covered_of;
  first_of_.push_back(0);
  edges_.reserve(edges.size());
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    for (std::uint64_t e = first_of_.back(); e < first_of_.back() + candidates_[c].edges; ++e) {
      edges_.push_back({edges[e].source, static_cast<std::uint32_t>(c), edges[e].similarity});
    }
    first_of_.push_back(first_of_.back() + candidates_[c].edges);
  }
  std::vector<std::uint32_t> order(edges.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return edges[a].source < edges[b].source; });
  sources_of_.resize(edges.size());
  similarity_of_.resize(edges.size());
  std::vector<Edge> sorted(edges.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const CoverEdge& edge = edges[order[i]];
    sorted[i] = edges_[order[i]];
    if (i == 0 || sorted[i].source != sorted[i - 1].source) {
      begins_.push_back(i);
      covers_.push_back(edge.covered);
    }
    sources_of_[order[i]] = static_cast<std::uint32_t>(covers_.size() - 1);
    similarity_of_[order[i]] = edge.similarity;
  }
  begins_.push_back(edges.size());
  edges_ = std::move(sorted);
}

std::size_t CoverPool::best(const Ledger& ledger) const {
  std::size_t best = size();
  for (std::size_t place = 0; place < size(); ++place) {
    if (chosen_[place] || !ledger.is_open(candidates_[place].label)) continue;
    if (best == size() || candidates_[place].key.before(candidates_[best].key)) best = place;
  }
  return best;
}

void CoverPool::choose(std::size_t place, CoverGraph& graph) {
  chosen_[place] = 1;
  const auto above = [](std::uint32_t similarity, std::uint32_t covered) {
    return similarity > covered ? similarity - covered : 0;
  };
  for (std::uint64_t e = first_of_[place]; e < first_of_[place + 1]; ++e) {
    const std::uint32_t source = sources_of_[e];
    const std::uint32_t before = covers_[source];
    const std::uint32_t after = std::max(before, similarity_of_[e]);
    if (after == before) continue;
    covers_[source] = after;
    for (std::uint64_t i = begins_[source]; i < begins_[source + 1]; ++i) {
      candidates_[edges_[i].candidate].key.gain -=
          above(edges_[i].similarity, before) - above(edges_[i].similarity, after);
    }
    graph.cover(edges_[begins_[source]].source, after);
  }
}

CoverPool gather_pool(comm::Communicator& comm, const CoverGraph& graph, GainQueue& queue, const Ledger& ledger,
                      std::size_t size, GainKey& left_out, std::vector<CoverCandidate>& own) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  const std::size_t shown = shown_records(size, ranks);
  // One more than are shown as candidates: the best of the rest.
  own = queue.take_first(shown + 1, ledger);
  auto mine = own;
  mine.resize(shown + 1);
  std::vector<CoverCandidate> all(ranks * mine.size());
  comm.all_gather_bytes(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(all)),
                        std::vector<std::uint64_t>(ranks, mine.size() * sizeof(CoverCandidate)));
  left_out = {};
  std::vector<std::size_t> order;  // of what may go in
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % mine.size() != shown && all[i].key.before(GainKey{}))
      order.push_back(i);
    else if (all[i].key.before(left_out))
      left_out = all[i].key;
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all[a].key.before(all[b].key); });
  std::size_t kept = 0;
  std::uint64_t edges = 0;
  for (; kept < std::min(size, order.size()); ++kept) {
    edges += all[order[kept]].edges;
    if (kept > 0 && edges > most_edges) break;
  }
  if (kept < order.size() && all[order[kept]].key.before(left_out)) left_out = all[order[kept]].key;
  order.resize(kept);
  std::sort(order.begin(), order.end());  // by rank, and there as they come
  std::vector<CoverCandidate> candidates;
  std::vector<std::uint64_t> counts(ranks, 0);
  for (const std::size_t i : order) {
    candidates.push_back(all[i]);
    ++counts[i / mine.size()];
  }
  const auto in_pool = counts[static_cast<std::size_t>(comm.rank())];
  return CoverPool(comm, graph, std::move(candidates), std::span<const CoverCandidate>(own).first(in_pool), counts);
}

}  // namespace farpoint::select
