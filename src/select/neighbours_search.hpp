// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "faiss_search.hpp"
#include "screening.hpp"

namespace farpoint::select {

/// In the order of what is found: the smaller value, then the lower id.
struct Neighbour {
  double value = 0;
  std::uint64_t id = 0;
  auto operator<=>(const Neighbour&) const = default;
};

/// Queries that are answered together, of any ranks.
struct QueryBlock {
  std::span<const float> rows;
  std::span<const std::uint64_t> ids;
  std::span<const float> norms;
  bool exclude_self = false;

  std::size_t size() const { return ids.size(); }
  bool allows(std::size_t query, std::uint64_t id) const { return !exclude_self || ids[query] != id; }
};

/// Rows that are searched together; they lie one behind the other.
struct Tile {
  std::span<const float> rows;
  std::span<const std::uint64_t> ids;
  std::span<const float> norms;

  std::size_t size() const { return ids.size(); }
};

/// The k nearest so far of each query of a block.
class NearestLists {
 public:
  NearestLists(std::size_t queries, std::size_t k) : k_(k), lists_(queries) {}

  std::size_t k() const { return k_; }
  /// What a row's value must not exceed to be of interest.
  double limit(std::size_t query) const;
  void offer(std::size_t query, Neighbour neighbour);
  /// In order. Ends the use of the list.
  std::span<const Neighbour> sorted(std::size_t query);

 private:
  std::size_t k_;
  std::vector<std::vector<Neighbour>> lists_;  ///< heaps, the last in the order of what is found on top
};

/// Compares queries with the rows of tiles on all threads of this process.
class TileSearcher {
 public:
  TileSearcher(Metric metric, std::size_t dimension, std::size_t faiss_from);

  const Screening& screening() const { return screening_; }
  std::size_t dimension() const { return dimension_; }

  /// Offers to the lists of the queries `which` all rows that belong in them, whatever was offered before.
  void nearest(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile, NearestLists& lists);

  /// Appends to found[query] all rows with a canonical value of at most `limit`.
  void within(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile, double limit,
              std::span<std::vector<Neighbour>> found) const;

 private:
  /// Which rows a scan measures, and what becomes of them.
  struct Scan {
    std::function<double(std::uint32_t query)> limit;
    std::function<void(std::uint32_t query, std::uint32_t row, double value)> visit;
  };
  void scan(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile, const Scan& scan) const;
  void scan_block(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile, const Scan& scan,
                  std::span<float> room) const;
  void scan_all_nearest(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                        NearestLists& lists) const;
  bool take_proposals(const QueryBlock& queries, std::size_t query, const Tile& tile, float longest,
                      std::span<const float> values, std::span<const std::int64_t> places, NearestLists& lists) const;

  Metric metric_;
  std::size_t dimension_;
  std::size_t faiss_from_;
  Screening screening_;
  FaissBounds bounds_;
  std::vector<float> asking_;
  std::vector<float> values_;
  std::vector<std::int64_t> places_;
};

}  // namespace farpoint::select
