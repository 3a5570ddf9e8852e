// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/dedup/edges.hpp"

namespace farpoint::dedup {

/// Connected components of a graph of the ids 0 to ids - 1, of which each rank keeps a block: 8 bytes an id.
///
/// On one rank it is a union-find. On several, each round hooks every component that has lower neighbours to the lowest
/// of them and flattens the trees that this makes (Shiloach and Vishkin 1982; Liu and Tarjan 2019, "Simple concurrent
/// labeling algorithms for connected components"). A component that outlives two rounds has swallowed another one, so
/// there are at most 2 log2(ids) rounds; once few edges are left, all ranks get them and end by themselves. Each round
/// is some dozen collective calls, in which ids travel, 8 bytes each. Labels are the same at any number of ranks.
///
/// All members are collective; not thread-safe.
class Components {
 public:
  /// Each id is a component of its own at first. When no more edges than `gathered_edges` are left on all ranks
  /// together, they are gathered: a matter of speed alone.
  Components(comm::Communicator& comm, std::uint64_t ids, std::uint64_t gathered_edges = std::uint64_t{1} << 16);

  std::uint64_t ids() const { return ids_; }

  /// Joins the components of both ends of each edge. Any rank may pass any edges, repeated ones too. Throws Error where
  /// an end is no id.
  void join(std::span<const Edge> mine);
  /// The lowest id in the component of each of `ids`, which any rank may ask for, in any order. Throws Error for what
  /// is no id.
  std::vector<std::uint64_t> labels(std::span<const std::uint64_t> ids) const;

 private:
  std::size_t owner(std::uint64_t id) const { return static_cast<std::size_t>(id / block_); }
  void check(std::uint64_t id) const;
  void join_alone(std::span<const Edge> edges);
  void join_gathered(std::span<const Edge> edges);
  std::vector<std::uint64_t> hook(std::span<const Edge> edges);
  void flatten(std::span<const std::uint64_t> hooked);
  void flatten_all();
  void relabel(std::vector<Edge>& edges) const;

  comm::Communicator& comm_;
  std::uint64_t ids_;
  std::uint64_t block_;  ///< ids a rank
  std::uint64_t first_;  ///< of this rank
  std::uint64_t gathered_edges_;
  std::vector<std::uint64_t> labels_;  ///< of this rank's ids; between joins, the lowest id of the component
};

/// For each of `ids`, the record that is kept of its component: the one of the highest priority, NaN being the lowest,
/// and of those the one of the lowest id. Every record of a component must be passed by exactly one rank; the others
/// may be left out, and are then not kept. Collective; about 24 bytes a record, twice.
std::vector<std::uint64_t> kept_of_components(comm::Communicator& comm, const Components& components,
                                              std::span<const std::uint64_t> ids, std::span<const double> priorities);

}  // namespace farpoint::dedup
