// SPDX-License-Identifier: Apache-2.0
#include "facility_location_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::select {

namespace {

// Rows whose edges travel at a time: bounds the memory for messages.
constexpr std::size_t batch_rows = 65536;

/// Spreads ids of any pattern evenly.
std::size_t home_of(std::uint64_t id, std::size_t ranks) {
  return static_cast<std::size_t>(((id * 0x9e3779b97f4a7c15U) >> 32) % ranks);
}

/// Sends each value to the rank that `home(value)` names.
template <typename T, typename Home>
std::vector<T> send_home(comm::Communicator& comm, std::span<const T> values, const Home& home) {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(comm.size()), 0);
  for (const T& value : values) ++counts[home(value)];
  std::vector<std::uint64_t> next(counts.size(), 0);
  std::partial_sum(counts.begin(), counts.end() - 1, next.begin() + 1);
  std::vector<T> in_order(values.size());
  for (const T& value : values) in_order[next[home(value)]++] = value;
  return comm::all_to_all(comm, std::span<const T>(in_order), counts).data;
}

}  // namespace

CoverGraph::CoverGraph(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Neighbours& graph,
                       const Charges& charges, std::span<const std::uint32_t> covered, Metric metric) {
  take_records(comm, ids, charges, covered);
  auto arcs = take_arcs(comm, ids, graph, covered, metric);
  constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t lost = none;
  for (const Arc& arc : arcs) {
    if (find(arc.target) == records_.size()) lost = std::min(lost, arc.target);
  }
  lost = comm::all_reduce(comm, lost, comm::Reduction::min);
  if (lost != none) {
    throw comm::AgreedError(
        fmt::format("a record has the neighbour {}, which is no candidate; the graph must be made "
                    "of the same records",
                    lost));
  }
  sort_arcs(std::move(arcs));
}

void CoverGraph::take_records(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Charges& charges,
                              std::span<const std::uint32_t> covered) {
  std::vector<CoverRecord> records(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    records[row] = {ids[row], charges.token_count(row), charges.label(row), covered.empty() ? 0 : covered[row]};
  }
  const auto ranks = static_cast<std::size_t>(comm.size());
  records_ = send_home(comm, std::span<const CoverRecord>(records),
                       [&](const CoverRecord& record) { return home_of(record.id, ranks); });
  std::sort(records_.begin(), records_.end(), [](const CoverRecord& a, const CoverRecord& b) { return a.id < b.id; });
}

std::vector<CoverGraph::Arc> CoverGraph::take_arcs(comm::Communicator& comm, std::span<const std::uint64_t> ids,
                                                   const Neighbours& graph, std::span<const std::uint32_t> covered,
                                                   Metric metric) const {
  const auto ranks = static_cast<std::size_t>(comm.size());
  const auto batches =
      comm::all_reduce(comm, std::uint64_t{(ids.size() + batch_rows - 1) / batch_rows}, comm::Reduction::max);
  std::vector<Arc> arcs;
  std::vector<Arc> leaving;
  for (std::uint64_t batch = 0; batch < batches; ++batch) {
    leaving.clear();
    const std::size_t begin = std::min<std::size_t>(batch * batch_rows, ids.size());
    for (std::size_t row = begin; row < std::min(begin + batch_rows, ids.size()); ++row) {
      const std::uint32_t cover = covered.empty() ? 0 : covered[row];
      leaving.push_back({ids[row], ids[row], whole_similarity, cover});
      if (graph.k == 0) continue;
      const auto neighbours = graph.ids_of(row);
      for (std::size_t i = 0; i < neighbours.size(); ++i) {
        const std::uint32_t similarity = fixed_similarity(metric, graph.values[row * graph.k + i]);
        // What can never cover anything is no edge.
        if (neighbours[i] == ids[row] || similarity <= cover) continue;
        leaving.push_back({ids[row], neighbours[i], similarity, cover});
      }
    }
    const auto arrived =
        send_home(comm, std::span<const Arc>(leaving), [&](const Arc& arc) { return home_of(arc.target, ranks); });
    arcs.insert(arcs.end(), arrived.begin(), arrived.end());
  }
  return arcs;
}

void CoverGraph::sort_arcs(std::vector<Arc> arcs) {
  std::sort(arcs.begin(), arcs.end(), [](const Arc& a, const Arc& b) { return a.source < b.source; });
  offsets_.assign(records_.size() + 1, 0);
  for (Arc& arc : arcs) {
    if (sources_.empty() || sources_.back() != arc.source) {
      sources_.push_back(arc.source);
      covers_.push_back(arc.covered);
    }
    arc.target = find(arc.target);
    ++offsets_[arc.target + 1];
  }
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  edges_.resize(arcs.size());
  auto next = offsets_;
  std::uint32_t source = 0;
  for (const Arc& arc : arcs) {
    if (sources_[source] != arc.source) ++source;
    edges_[next[arc.target]++] = {source, arc.similarity};
  }
}

std::size_t CoverGraph::find(std::uint64_t id) const {
  const auto at = std::lower_bound(records_.begin(), records_.end(), id,
                                   [](const CoverRecord& record, std::uint64_t other) { return record.id < other; });
  return at != records_.end() && at->id == id ? static_cast<std::size_t>(at - records_.begin()) : records_.size();
}

std::uint64_t CoverGraph::gain(std::size_t record) const {
  std::uint64_t gain = 0;
  for (std::uint64_t e = offsets_[record]; e < offsets_[record + 1]; ++e) {
    const InEdge& edge = edges_[e];
    if (edge.similarity > covers_[edge.source]) gain += edge.similarity - covers_[edge.source];
  }
  return gain;
}

void CoverGraph::append_edges(std::size_t record, std::vector<CoverEdge>& edges) const {
  for (std::uint64_t e = offsets_[record]; e < offsets_[record + 1]; ++e) {
    const InEdge& edge = edges_[e];
    const std::uint32_t covered = covers_[edge.source];
    if (edge.similarity > covered) edges.push_back({sources_[edge.source], edge.similarity, covered});
  }
}

void CoverGraph::cover(std::uint64_t source, std::uint32_t similarity) {
  const auto at = std::lower_bound(sources_.begin(), sources_.end(), source);
  if (at == sources_.end() || *at != source) return;
  std::uint32_t& covered = covers_[static_cast<std::size_t>(at - sources_.begin())];
  covered = std::max(covered, similarity);
}

}  // namespace farpoint::select
