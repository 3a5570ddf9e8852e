// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "facility_location_graph.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/select/budget.hpp"

namespace farpoint::select {

/// The order of choice: the larger gain first, the lower id on ties.
struct GainKey {
  std::uint64_t gain = 0;
  std::uint64_t id = std::numeric_limits<std::uint64_t>::max();

  bool before(const GainKey& other) const { return gain > other.gain || (gain == other.gain && id < other.id); }
};

/// A record that may be chosen, as all ranks see it.
struct CoverCandidate {
  GainKey key;
  std::uint64_t tokens = 0;
  std::uint32_t label = 0;
  std::uint32_t record = 0;  ///< its number at home
  std::uint64_t edges = 0;   ///< that make up the gain
};

/// The records at home here that are not chosen, by old gains. Gains only fall, so an old one is a bound (Minoux 1978).
class GainQueue {
 public:
  explicit GainQueue(const CoverGraph& graph);

  /// The first `count` in the order of choice, of labels that are open, with their gains of now; taken out.
  std::vector<CoverCandidate> take_first(std::size_t count, const Ledger& ledger);
  void put_back(const CoverCandidate& candidate) { push({candidate.key, candidate.record}); }
  /// Records whose labels were not open may be open again.
  void put_back_closed();
  void set_chosen(std::size_t record) { chosen_[record] = 1; }

 private:
  struct Entry {
    GainKey key;
    std::uint32_t record = 0;
  };
  void push(const Entry& entry);
  Entry pop();

  const CoverGraph& graph_;
  std::vector<Entry> heap_;
  std::vector<Entry> closed_;
  std::vector<std::uint8_t> chosen_;
};

/// The candidates of one pass with all that their gains depend on, the same on every rank.
class CoverPool {
 public:
  /// Collective; one call more than gathering, for which all ranks must pass the candidates of all, in order of rank.
  CoverPool(comm::Communicator& comm, const CoverGraph& graph, std::vector<CoverCandidate> all,
            std::span<const CoverCandidate> own, std::span<const std::uint64_t> counts);

  std::size_t size() const { return candidates_.size(); }
  /// With its gain of now.
  const CoverCandidate& candidate(std::size_t place) const { return candidates_[place]; }
  bool is_chosen(std::size_t place) const { return chosen_[place] != 0; }
  /// The first in the order of choice that is not chosen and has an open label; size() if there is none.
  std::size_t best(const Ledger& ledger) const;
  /// Lowers the gains of all by what the chosen one covers, here and in the graph.
  void choose(std::size_t place, CoverGraph& graph);

 private:
  /// One candidate's edge from one source.
  struct Edge {
    std::uint64_t source = 0;
    std::uint32_t candidate = 0;
    std::uint32_t similarity = 0;
  };
  void group(std::span<const CoverEdge> edges);

  std::vector<CoverCandidate> candidates_;
  std::vector<std::uint8_t> chosen_;
  std::vector<Edge> edges_;                   ///< by source
  std::vector<std::uint64_t> begins_;         ///< of each source's edges, and the end
  std::vector<std::uint32_t> covers_;         ///< of each source
  std::vector<std::uint64_t> first_of_;       ///< of each candidate's part of sources_of_, and the end
  std::vector<std::uint32_t> sources_of_;     ///< places of the sources
  std::vector<std::uint32_t> similarity_of_;  ///< to them
};

/// Collective; two calls. A pool of about the `size` first records of all ranks, taken out of the queues, and in
/// `left_out` the first that is not in it.
CoverPool gather_pool(comm::Communicator& comm, const CoverGraph& graph, GainQueue& queue, const Ledger& ledger,
                      std::size_t size, GainKey& left_out, std::vector<CoverCandidate>& own);

}  // namespace farpoint::select
