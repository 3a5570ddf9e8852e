// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/facility_location.hpp"

namespace farpoint::select {

/// A similarity is at most this.
constexpr std::uint32_t whole_similarity = std::uint32_t{1} << 31;

/// What is known of a record at its home.
struct CoverRecord {
  std::uint64_t id = 0;
  std::uint64_t tokens = 0;
  std::uint32_t label = 0;
  std::uint32_t covered = 0;  ///< from the start
};

/// How similar record `source` is to the record whose edge it is.
struct CoverEdge {
  std::uint64_t source = 0;
  std::uint32_t similarity = 0;
  std::uint32_t covered = 0;  ///< how well the source is covered
};

/// The graph turned round: every record has a home rank, which knows who would be covered by it and how well they are.
/// Homes follow from ids alone, so it does not matter on which rank a record's vector was, and no rank needs a table of
/// all ids. A home keeps the covers of those records that have edges to its records; it learns of changes because every
/// rank sees the edges of every pick.
class CoverGraph {
 public:
  /// Collective. `covered`: in fixed similarities, empty for nothing.
  CoverGraph(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Neighbours& graph,
             const Charges& charges, std::span<const std::uint32_t> covered, Metric metric);

  /// Records at home here, ascending by id.
  std::span<const CoverRecord> records() const { return records_; }
  /// The home's number of a record, or records().size().
  std::size_t find(std::uint64_t id) const;

  /// By how much the record would raise the objective.
  std::uint64_t gain(std::size_t record) const;
  /// The edges that make up the gain: the sources that are covered less than the record would cover them.
  void append_edges(std::size_t record, std::vector<CoverEdge>& edges) const;

  /// The source, if any record here has an edge to it, is covered at least so well from now on.
  void cover(std::uint64_t source, std::uint32_t similarity);

 private:
  struct InEdge {
    std::uint32_t source = 0;  ///< its place in sources_
    std::uint32_t similarity = 0;
  };
  /// An edge on its way to the home of its target.
  struct Arc {
    std::uint64_t source = 0;
    std::uint64_t target = 0;
    std::uint32_t similarity = 0;
    std::uint32_t covered = 0;
  };

  void take_records(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Charges& charges,
                    std::span<const std::uint32_t> covered);
  std::vector<Arc> take_arcs(comm::Communicator& comm, std::span<const std::uint64_t> ids, const Neighbours& graph,
                             std::span<const std::uint32_t> covered, Metric metric) const;
  void sort_arcs(std::vector<Arc> arcs);

  std::vector<CoverRecord> records_;
  std::vector<std::uint64_t> offsets_;
  std::vector<InEdge> edges_;
  std::vector<std::uint64_t> sources_;
  std::vector<std::uint32_t> covers_;
};

}  // namespace farpoint::select
