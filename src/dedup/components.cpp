// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/components.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "exchange.hpp"
#include "farpoint/base/error.hpp"
#include "union_find.hpp"

namespace farpoint::dedup {

namespace {

void sort_distinct(std::vector<std::uint64_t>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

/// Edges between different components, each once, with its lower end first.
void simplify(std::vector<Edge>& edges) {
  std::erase_if(edges, [](const Edge& edge) { return edge.a == edge.b; });
  for (Edge& edge : edges) {
    if (edge.a > edge.b) std::swap(edge.a, edge.b);
  }
  std::sort(edges.begin(), edges.end(),
            [](const Edge& x, const Edge& y) { return std::tie(x.b, x.a) < std::tie(y.b, y.a); });
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
}

std::uint64_t sum_over_ranks(comm::Communicator& comm, std::uint64_t count) {
  return comm::all_reduce(comm, count, comm::Reduction::sum);
}

}  // namespace

Components::Components(comm::Communicator& comm, std::uint64_t ids, std::uint64_t gathered_edges)
    : comm_(comm), ids_(ids), gathered_edges_(gathered_edges) {
  const std::uint64_t ranks = rank_count(comm);
  block_ = std::max<std::uint64_t>((ids + ranks - 1) / ranks, 1);
  first_ = std::min(static_cast<std::uint64_t>(comm.rank()) * block_, ids);
  labels_.resize(std::min(block_, ids - first_));
  for (std::uint64_t i = 0; i < labels_.size(); ++i) labels_[i] = first_ + i;
}

void Components::check(std::uint64_t id) const {
  if (id >= ids_) throw Error(fmt::format("record {} in a graph of {} records", id, ids_));
}

std::vector<std::uint64_t> Components::labels(std::span<const std::uint64_t> ids) const {
  for (const std::uint64_t id : ids) check(id);
  std::vector<std::uint64_t> result(ids.size());
  if (comm_.size() == 1) {
    std::transform(ids.begin(), ids.end(), result.begin(), [&](std::uint64_t id) { return labels_[id]; });
    return result;
  }
  // Each id is asked for once; ascending ids are in order of their owners.
  std::vector<std::uint64_t> distinct(ids.begin(), ids.end());
  sort_distinct(distinct);
  auto answers = exchanged(comm_, std::span<const std::uint64_t>(distinct), [&](auto id) { return owner(id); });
  for (std::uint64_t& id : answers.data) id = labels_[id - first_];
  const auto found = comm::all_to_all(comm_, std::span<const std::uint64_t>(answers.data), counts_of(answers)).data;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto at = std::lower_bound(distinct.begin(), distinct.end(), ids[i]) - distinct.begin();
    result[i] = found[static_cast<std::size_t>(at)];
  }
  return result;
}

void Components::join(std::span<const Edge> mine) {
  for (const Edge& edge : mine) {
    check(edge.a);
    check(edge.b);
  }
  if (comm_.size() == 1) {
    join_alone(mine);
    return;
  }
  std::vector<Edge> edges(mine.begin(), mine.end());
  for (;;) {
    relabel(edges);
    simplify(edges);
    const std::uint64_t left = sum_over_ranks(comm_, edges.size());
    if (left <= gathered_edges_ || left == 0) break;
    flatten(hook(edges));
  }
  join_gathered(edges);
  flatten_all();
}

void Components::join_alone(std::span<const Edge> edges) {
  const auto parent = [this](std::uint64_t id) -> std::uint64_t& { return labels_[id]; };
  for (const Edge& edge : edges) unite(edge.a, edge.b, parent);
  // A label is not above its id, so the lower ones are right already.
  for (std::uint64_t& label : labels_) label = labels_[label];
}

void Components::join_gathered(std::span<const Edge> edges) {
  SparseUnionFind few;
  for (const Edge& edge : comm::all_gather(comm_, edges).data) few.unite(edge.a, edge.b);
  std::vector<std::uint64_t> own;
  for (const auto& [id, parent] : few.seen()) {
    if (id >= first_ && id - first_ < labels_.size()) own.push_back(id);
  }
  for (const std::uint64_t id : own) labels_[id - first_] = few.find(id);
}

/// Each component with lower neighbours becomes part of the lowest of them. Returns this rank's of those components.
std::vector<std::uint64_t> Components::hook(std::span<const Edge> edges) {
  const auto offers = exchanged(comm_, edges, [&](const Edge& edge) { return owner(edge.b); });
  std::vector<std::uint64_t> hooked;
  for (const Edge& offer : offers.data) {
    std::uint64_t& label = labels_[offer.b - first_];
    if (label == offer.b) hooked.push_back(offer.b);
    label = std::min(label, offer.a);
  }
  return hooked;
}

/// Halves the paths from these components until each points to the lowest of its tree.
void Components::flatten(std::span<const std::uint64_t> hooked) {
  std::vector<std::uint64_t> pending(hooked.begin(), hooked.end());
  while (sum_over_ranks(comm_, pending.size()) > 0) {
    std::vector<std::uint64_t> parents(pending.size());
    std::transform(pending.begin(), pending.end(), parents.begin(), [&](auto id) { return labels_[id - first_]; });
    const auto grandparents = labels(parents);
    std::vector<std::uint64_t> moved;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      labels_[pending[i] - first_] = grandparents[i];
      if (grandparents[i] != parents[i]) moved.push_back(pending[i]);
    }
    pending = std::move(moved);
  }
}

void Components::flatten_all() {
  std::vector<std::uint64_t> joined;
  for (std::uint64_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i] != first_ + i) joined.push_back(first_ + i);
  }
  flatten(joined);
}

void Components::relabel(std::vector<Edge>& edges) const {
  std::vector<std::uint64_t> ends;
  ends.reserve(2 * edges.size());
  for (const Edge& edge : edges) {
    ends.push_back(edge.a);
    ends.push_back(edge.b);
  }
  const auto found = labels(ends);
  for (std::size_t i = 0; i < edges.size(); ++i) edges[i] = {found[2 * i], found[2 * i + 1]};
}

}  // namespace farpoint::dedup
