// SPDX-License-Identifier: Apache-2.0
#include "neighbours_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "blas.hpp"
#include "canonical_batch.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

namespace {

// Enough queries that packing the rows for the product costs little, few enough that all threads have some.
constexpr std::size_t scan_queries = 128;
constexpr std::size_t scan_rows = 512;

/// Proposals beyond k: near-ties and copies within them need no scan.
std::size_t proposals(std::size_t k) {
  return k + std::max<std::size_t>(16, k / 2);
}

/// Measures rows for one query, a batch at a time.
class Measurer {
 public:
  Measurer(Metric metric, std::size_t dimension, const float* query, const Tile& tile)
      : metric_(metric), dimension_(dimension), query_(query), tile_(tile) {}

  template <typename Visit>
  void add(std::uint32_t row, const Visit& visit) {
    rows_[count_++] = row;
    if (count_ == canonical_lanes) flush(visit);
  }

  template <typename Visit>
  void flush(const Visit& visit) {
    if (count_ == 0) return;
    std::array<const float*, canonical_lanes> pointers;
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
      pointers[lane] = tile_.rows.data() + rows_[lane < count_ ? lane : 0] * dimension_;
    }
    const auto values = canonical_batch(metric_, std::span(query_, dimension_), pointers);
    for (std::size_t lane = 0; lane < count_; ++lane) visit(rows_[lane], values[lane]);
    count_ = 0;
  }

 private:
  Metric metric_;
  std::size_t dimension_;
  const float* query_;
  const Tile& tile_;
  std::array<std::size_t, canonical_lanes> rows_{};
  std::size_t count_ = 0;
};

}  // namespace

double NearestLists::limit(std::size_t query) const {
  const auto& list = lists_[query];
  return list.size() < k_ ? std::numeric_limits<double>::infinity() : list.front().value;
}

void NearestLists::offer(std::size_t query, Neighbour neighbour) {
  auto& list = lists_[query];
  if (list.size() == k_) {
    if (!(neighbour < list.front())) return;
    std::pop_heap(list.begin(), list.end());
    list.back() = neighbour;
  } else {
    list.push_back(neighbour);
  }
  std::push_heap(list.begin(), list.end());
}

std::span<const Neighbour> NearestLists::sorted(std::size_t query) {
  std::sort_heap(lists_[query].begin(), lists_[query].end());
  return lists_[query];
}

TileSearcher::TileSearcher(Metric metric, std::size_t dimension, std::size_t faiss_from)
    : metric_(metric),
      dimension_(dimension),
      faiss_from_(std::max<std::size_t>(faiss_from, 1)),
      screening_(metric, dimension),
      bounds_(metric, dimension) {}

void TileSearcher::nearest(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                           NearestLists& lists) {
  if (which.empty() || tile.size() == 0 || lists.k() == 0) return;
  const float longest = *std::max_element(tile.norms.begin(), tile.norms.end());
  const std::size_t proposed = proposals(lists.k() + (queries.exclude_self ? 1 : 0));
  // Numbers that may overflow are not for FAISS; and where it would propose a good part of the rows, its heaps cost
  // more than a look at all of them.
  if (std::isinf(longest) || tile.size() < faiss_from_ * proposed) return scan_all_nearest(queries, which, tile, lists);

  std::vector<std::uint32_t> asked;
  std::vector<std::uint32_t> scanned;
  for (const std::uint32_t query : which) (std::isinf(queries.norms[query]) ? scanned : asked).push_back(query);
  asking_.resize(asked.size() * dimension_);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::copy_n(queries.rows.data() + asked[i] * dimension_, dimension_, asking_.data() + i * dimension_);
  }
  values_.resize(asked.size() * proposed);
  places_.resize(asked.size() * proposed);
  if (!asked.empty()) faiss_nearest(metric_, dimension_, asking_, tile.rows, proposed, values_, places_);

  std::vector<std::uint8_t> sure(asked.size());
  parallel_for(asked.size(), scan_queries, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      sure[i] = take_proposals(queries, asked[i], tile, longest, std::span(values_).subspan(i * proposed, proposed),
                               std::span(places_).subspan(i * proposed, proposed), lists);
    }
  });
  if (scanned.empty() && std::find(sure.begin(), sure.end(), 0) == sure.end()) return;
  // What was proposed is passed over by the scan: nothing is offered twice.
  std::vector<std::span<const std::int64_t>> passed_over(queries.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (sure[i]) continue;
    const auto places = std::span(places_).subspan(i * proposed, proposed);
    std::sort(places.begin(), places.end());
    passed_over[asked[i]] = places;
    scanned.push_back(asked[i]);
  }
  scan(queries, scanned, tile,
       {[&](std::uint32_t query) { return lists.limit(query); },
        [&](std::uint32_t query, std::uint32_t row, double value) {
          const auto& places = passed_over[query];
          if (std::binary_search(places.begin(), places.end(), std::int64_t{row})) return;
          if (queries.allows(query, tile.ids[row])) lists.offer(query, {value, tile.ids[row]});
        }});
}

/// Measures what FAISS proposes. False when rows that it did not propose may be as near.
bool TileSearcher::take_proposals(const QueryBlock& queries, std::size_t query, const Tile& tile, float longest,
                                  std::span<const float> values, std::span<const std::int64_t> places,
                                  NearestLists& lists) const {
  const float norm = queries.norms[query];
  Measurer measurer(metric_, dimension_, queries.rows.data() + query * dimension_, tile);
  const auto visit = [&](std::size_t row, double value) {
    if (queries.allows(query, tile.ids[row])) lists.offer(query, {value, tile.ids[row]});
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0) return false;
    const auto row = static_cast<std::size_t>(places[i]);
    if (bounds_.lower(norm, tile.norms[row], values[i]) > lists.limit(query)) continue;
    measurer.add(static_cast<std::uint32_t>(row), visit);
  }
  measurer.flush(visit);
  const double limit = lists.limit(query);
  return bounds_.left_out(norm, longest, values.back(), limit) > limit;
}

void TileSearcher::scan_all_nearest(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                                    NearestLists& lists) const {
  scan(queries, which, tile,
       {[&](std::uint32_t query) { return lists.limit(query); },
        [&](std::uint32_t query, std::uint32_t row, double value) {
          if (queries.allows(query, tile.ids[row])) lists.offer(query, {value, tile.ids[row]});
        }});
}

void TileSearcher::within(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                          double limit, std::span<std::vector<Neighbour>> found) const {
  scan(queries, which, tile,
       {[&](std::uint32_t) { return limit; },
        [&](std::uint32_t query, std::uint32_t row, double value) {
          if (value <= limit && queries.allows(query, tile.ids[row])) found[query].push_back({value, tile.ids[row]});
        }});
}

void TileSearcher::scan(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                        const Scan& scan) const {
  if (which.empty() || tile.size() == 0) return;
  const std::size_t fair_share = (which.size() + thread_count() - 1) / thread_count();
  const std::size_t grain = std::min(scan_queries, fair_share);
  std::vector<std::vector<float>> rooms(thread_count());
  parallel_for(which.size(), grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    rooms[thread].resize(scan_queries * (dimension_ + scan_rows));
    scan_block(queries, which.subspan(begin, end - begin), tile, scan, rooms[thread]);
  });
}

/// Products rule out most rows; those that they do not are measured.
void TileSearcher::scan_block(const QueryBlock& queries, std::span<const std::uint32_t> which, const Tile& tile,
                              const Scan& scan, std::span<float> room) const {
  const auto rows = room.first(which.size() * dimension_);
  const auto scaled = room.subspan(scan_queries * dimension_);
  for (std::size_t i = 0; i < which.size(); ++i) {
    std::copy_n(queries.rows.data() + which[i] * dimension_, dimension_, rows.data() + i * dimension_);
  }
  for (std::size_t first = 0; first < tile.size(); first += scan_rows) {
    const std::size_t count = std::min(scan_rows, tile.size() - first);
    products(screening_.scale(), tile.rows.data() + first * dimension_, count, rows.data(), which.size(), dimension_,
             scaled.data());
    for (std::size_t i = 0; i < which.size(); ++i) {
      Measurer measurer(metric_, dimension_, rows.data() + i * dimension_, tile);
      const auto visit = [&](std::size_t row, double value) {
        scan.visit(which[i], static_cast<std::uint32_t>(row), value);
      };
      double limit = scan.limit(which[i]);
      for (std::size_t j = 0; j < count; ++j) {
        const float norm = tile.norms[first + j];
        const float affinity = scaled[i * count + j] - screening_.penalty(norm);
        // Written so that NaN, which means that nothing is known, is a yes.
        if (screening_.lower(queries.norms[which[i]], norm, affinity) > limit) continue;
        measurer.add(static_cast<std::uint32_t>(first + j), visit);
        limit = scan.limit(which[i]);
      }
      measurer.flush(visit);
    }
  }
}

}  // namespace farpoint::select
