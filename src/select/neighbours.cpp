// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "blas.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "inputs.hpp"
#include "neighbours_cells.hpp"
#include "neighbours_search.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t tile_rows = 16384;

std::span<const float> row_norms(const Vectors& rows, std::vector<float>& norms) {
  constexpr std::size_t block_rows = 64;
  norms.resize(rows.size());
  std::vector<RowBlock> blocks(thread_count(), RowBlock(rows, block_rows));
  parallel_for(rows.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    const auto block = blocks[thread].load_range(begin, end - begin);
    for (std::size_t i = 0; i < block.size(); ++i) {
      norms[begin + i] = screening_norm(std::span(block[i], rows.dimension()));
    }
  });
  return norms;
}

/// At least every canonical value that is shown as `radius` or less.
double canonical_limit(Metric metric, double radius) {
  if (metric == Metric::cosine) return radius;
  return radius < 0 ? -1 : radius * radius * (1 + 0x1p-50);
}

/// Queries of all ranks, on every rank, in order of rank.
struct Travelling {
  comm::Gathered<std::uint64_t> ids;
  std::vector<float> rows;
  std::vector<float> norms;
  std::vector<std::uint32_t> probes;  ///< [queries, probes]; of ivf
};

}  // namespace

std::span<const std::uint64_t> Neighbours::ids_of(std::size_t query) const {
  return std::span(ids).subspan(query * k, values_of(query).size());
}

std::span<const double> Neighbours::values_of(std::size_t query) const {
  const auto all = std::span(values).subspan(query * k, k);
  const auto end = std::find(ids.begin() + static_cast<std::ptrdiff_t>(query * k),
                             ids.begin() + static_cast<std::ptrdiff_t>((query + 1) * k), no_neighbour);
  return all.first(static_cast<std::size_t>(end - ids.begin()) - query * k);
}

class NeighbourIndex::Impl {
 public:
  Impl(comm::Communicator& comm, const Vectors& base, const NeighbourOptions& options)
      : comm_(comm), base_(base), options_(options) {
    if (options.probes == 0) throw UsageError("an index that probes no cells finds nothing");
    load_blas();
    all_rows_ = agree_on_inputs(comm, base, {}).rows;
    if (options.kind == IndexKind::ivf) cells_.emplace(comm, base, options, all_rows_);
    row_norms(base, norms_);
  }

  std::size_t cell_count() const { return cells_ ? cells_->count() : 0; }
  Neighbours nearest(const Vectors& queries, std::size_t k, bool exclude_self);
  NeighboursWithin within(const Vectors& queries, double radius, bool exclude_self);

 private:
  /// Collective. Throws when these queries cannot be compared with the rows.
  void check(const Vectors& queries);
  /// Collective. Calls answer(queries, first of this rank's own) for block after block of all ranks' queries.
  template <typename Answer>
  void for_each_block(const Vectors& queries, const Answer& answer);
  Travelling gather(const Vectors& queries, RowBlock& block, std::size_t begin, std::size_t count);
  /// Calls visit(tile, queries that are compared with it).
  template <typename Visit>
  void for_each_tile(const Travelling& queries, const Visit& visit);
  /// The cells that are the [first, last) nearest of any query.
  template <typename Visit>
  void for_each_cell(const Travelling& queries, std::size_t first, std::size_t last, const Visit& visit);

  comm::Communicator& comm_;
  Vectors base_;
  NeighbourOptions options_;
  std::uint64_t all_rows_ = 0;
  std::optional<Cells> cells_;
  std::vector<float> norms_;
  std::optional<TileSearcher> searcher_;
};

void NeighbourIndex::Impl::check(const Vectors& queries) {
  agree_on_inputs(comm_, queries, {});
  if (queries.dimension() != base_.dimension()) {
    throw comm::AgreedError(
        fmt::format("queries of {} components among rows of {}", queries.dimension(), base_.dimension()));
  }
  searcher_.emplace(options_.metric, base_.dimension(), options_.faiss_from);
}

template <typename Answer>
void NeighbourIndex::Impl::for_each_block(const Vectors& queries, const Answer& answer) {
  const auto ranks = static_cast<std::size_t>(comm_.size());
  const std::size_t share = std::max<std::size_t>(1, options_.block_rows / ranks);
  const auto blocks =
      comm::all_reduce(comm_, std::uint64_t{(queries.size() + share - 1) / share}, comm::Reduction::max);
  RowBlock block(queries, share);
  for (std::uint64_t b = 0; b < blocks; ++b) {
    const std::size_t begin = std::min<std::size_t>(b * share, queries.size());
    answer(gather(queries, block, begin, std::min(share, queries.size() - begin)), begin);
  }
}

Travelling NeighbourIndex::Impl::gather(const Vectors& queries, RowBlock& block, std::size_t begin, std::size_t count) {
  const std::size_t dimension = base_.dimension();
  const auto ids = queries.ids().subspan(begin, count);
  std::vector<float> rows;
  rows.reserve(count * dimension);
  for (const float* row : block.load_range(begin, count)) rows.insert(rows.end(), row, row + dimension);
  Travelling all;
  all.ids = comm::all_gather(comm_, ids);
  all.rows = comm::all_gather(comm_, std::span<const float>(rows)).data;
  row_norms(Vectors(all.rows, all.ids.data, dimension), all.norms);
  if (!cells_) return all;
  const auto own = std::span(all.norms).subspan(all.ids.offsets[static_cast<std::size_t>(comm_.rank())], count);
  const auto probes = cells_->probes_of(*searcher_, {rows, ids, own}, options_.probes);
  all.probes = comm::all_gather(comm_, std::span<const std::uint32_t>(probes)).data;
  return all;
}

template <typename Visit>
void NeighbourIndex::Impl::for_each_tile(const Travelling& queries, const Visit& visit) {
  if (queries.norms.empty()) return;
  if (cells_) {
    // The nearest cell first: it tells how near the rows of the others must be.
    const std::size_t seen = queries.probes.size() / queries.norms.size();
    for_each_cell(queries, 0, 1, visit);
    return for_each_cell(queries, 1, seen, visit);
  }
  std::vector<std::uint32_t> all(queries.norms.size());
  std::iota(all.begin(), all.end(), 0U);
  const std::size_t dimension = base_.dimension();
  std::vector<float> room;
  RowBlock block(base_, base_.in_memory() ? 0 : std::min(tile_rows, base_.size()));
  for (std::size_t begin = 0; begin < base_.size(); begin += tile_rows) {
    const std::size_t count = std::min(tile_rows, base_.size() - begin);
    std::span<const float> rows;
    if (base_.in_memory()) {
      rows = {base_.row(begin).data(), count * dimension};
    } else {
      rows = {block.load_range(begin, count).front(), count * dimension};
    }
    visit(Tile{rows, base_.ids().subspan(begin, count), std::span(norms_).subspan(begin, count)}, all);
  }
}

template <typename Visit>
void NeighbourIndex::Impl::for_each_cell(const Travelling& queries, std::size_t first, std::size_t last,
                                         const Visit& visit) {
  const std::size_t dimension = base_.dimension();
  const std::size_t seen = queries.probes.size() / queries.norms.size();
  std::vector<std::vector<std::uint32_t>> visitors(cells_->count());
  for (std::size_t query = 0; seen > 0 && query < queries.norms.size(); ++query) {
    for (std::size_t i = first; i < std::min(last, seen); ++i) {
      visitors[queries.probes[query * seen + i]].push_back(static_cast<std::uint32_t>(query));
    }
  }
  RowBlock block(base_, tile_rows);
  std::vector<float> rows;
  std::vector<float> norms;
  std::vector<std::uint64_t> ids;
  for (std::size_t cell = 0; cell < visitors.size(); ++cell) {
    if (visitors[cell].empty()) continue;
    const auto in_cell = cells_->rows(cell);
    for (std::size_t begin = 0; begin < in_cell.size(); begin += tile_rows) {
      const auto numbers = in_cell.subspan(begin, std::min(tile_rows, in_cell.size() - begin));
      rows.clear();
      norms.clear();
      ids.clear();
      for (const float* row : block.load(numbers)) rows.insert(rows.end(), row, row + dimension);
      for (const std::uint32_t row : numbers) {
        norms.push_back(norms_[row]);
        ids.push_back(base_.id(row));
      }
      visit(Tile{rows, ids, norms}, visitors[cell]);
    }
  }
}

Neighbours NeighbourIndex::Impl::nearest(const Vectors& queries, std::size_t k, bool exclude_self) {
  check(queries);
  Neighbours result;
  result.k = static_cast<std::size_t>(std::min<std::uint64_t>(k, all_rows_));
  if (result.k == 0) return result;
  result.ids.resize(queries.size() * result.k, no_neighbour);
  result.values.resize(queries.size() * result.k, std::numeric_limits<double>::infinity());
  const auto ranks = static_cast<std::size_t>(comm_.size());
  constexpr Neighbour filling{std::numeric_limits<double>::infinity(), no_neighbour};

  for_each_block(queries, [&](const Travelling& all, std::size_t first) {
    const QueryBlock block{all.rows, all.ids.data, all.norms, exclude_self};
    NearestLists lists(block.size(), result.k);
    for_each_tile(all, [&](const Tile& tile, std::span<const std::uint32_t> which) {
      searcher_->nearest(block, which, tile, lists);
    });
    // Every rank has an answer for every query; they go to whoever asked.
    std::vector<Neighbour> answers(block.size() * result.k, filling);
    for (std::size_t q = 0; q < block.size(); ++q) {
      const auto found = lists.sorted(q);
      std::copy(found.begin(), found.end(), answers.begin() + static_cast<std::ptrdiff_t>(q * result.k));
    }
    std::vector<std::uint64_t> counts(ranks);
    for (std::size_t r = 0; r < ranks; ++r) counts[r] = (all.ids.offsets[r + 1] - all.ids.offsets[r]) * result.k;
    const auto received = comm::all_to_all(comm_, std::span<const Neighbour>(answers), counts);
    const std::size_t own = counts[static_cast<std::size_t>(comm_.rank())];
    std::vector<Neighbour> merged;
    for (std::size_t q = 0; q * result.k < own; ++q) {
      merged.clear();
      for (int r = 0; r < comm_.size(); ++r) {
        const auto part = received.of(r).subspan(q * result.k, result.k);
        merged.insert(merged.end(), part.begin(), part.end());
      }
      std::partial_sort(merged.begin(), merged.begin() + static_cast<std::ptrdiff_t>(result.k), merged.end());
      for (std::size_t i = 0; i < result.k; ++i) {
        result.ids[(first + q) * result.k + i] = merged[i].id;
        result.values[(first + q) * result.k + i] = merged[i].value;
      }
    }
  });
  return result;
}

NeighboursWithin NeighbourIndex::Impl::within(const Vectors& queries, double radius, bool exclude_self) {
  if (std::isnan(radius)) throw UsageError("the radius of a search for neighbours is not a number");
  check(queries);
  NeighboursWithin result;
  result.offsets.push_back(0);
  const auto ranks = static_cast<std::size_t>(comm_.size());
  const double limit = canonical_limit(options_.metric, radius);

  for_each_block(queries, [&](const Travelling& all, std::size_t) {
    const QueryBlock block{all.rows, all.ids.data, all.norms, exclude_self};
    std::vector<std::vector<Neighbour>> found(block.size());
    for_each_tile(all, [&](const Tile& tile, std::span<const std::uint32_t> which) {
      searcher_->within(block, which, tile, limit, found);
    });
    std::vector<std::uint64_t> lengths(block.size());
    std::vector<std::uint64_t> query_counts(ranks);
    std::vector<std::uint64_t> counts(ranks, 0);
    std::vector<Neighbour> answers;
    for (std::size_t r = 0; r < ranks; ++r) {
      query_counts[r] = all.ids.offsets[r + 1] - all.ids.offsets[r];
      for (std::size_t q = all.ids.offsets[r]; q < all.ids.offsets[r + 1]; ++q) {
        std::erase_if(found[q], [&](const Neighbour& n) { return shown_distance(options_.metric, n.value) > radius; });
        lengths[q] = found[q].size();
        counts[r] += lengths[q];
        answers.insert(answers.end(), found[q].begin(), found[q].end());
        found[q] = {};
      }
    }
    const auto received_lengths = comm::all_to_all(comm_, std::span<const std::uint64_t>(lengths), query_counts);
    const auto received = comm::all_to_all(comm_, std::span<const Neighbour>(answers), counts);
    std::vector<std::uint64_t> next(received.offsets.begin(), received.offsets.end() - 1);
    std::vector<Neighbour> merged;
    for (std::size_t q = 0; q < query_counts[static_cast<std::size_t>(comm_.rank())]; ++q) {
      merged.clear();
      for (std::size_t r = 0; r < ranks; ++r) {
        const auto part = std::span(received.data).subspan(next[r], received_lengths.of(static_cast<int>(r))[q]);
        merged.insert(merged.end(), part.begin(), part.end());
        next[r] += part.size();
      }
      std::sort(merged.begin(), merged.end());
      for (const Neighbour& neighbour : merged) {
        result.ids.push_back(neighbour.id);
        result.values.push_back(neighbour.value);
      }
      result.offsets.push_back(result.ids.size());
    }
  });
  return result;
}

NeighbourIndex::NeighbourIndex(comm::Communicator& comm, const Vectors& base, const NeighbourOptions& options)
    : impl_(std::make_unique<Impl>(comm, base, options)) {}
NeighbourIndex::~NeighbourIndex() = default;
NeighbourIndex::NeighbourIndex(NeighbourIndex&&) noexcept = default;

Neighbours NeighbourIndex::nearest(const Vectors& queries, std::size_t k, bool exclude_self) const {
  return impl_->nearest(queries, k, exclude_self);
}

NeighboursWithin NeighbourIndex::within(const Vectors& queries, double radius, bool exclude_self) const {
  return impl_->within(queries, radius, exclude_self);
}

std::size_t NeighbourIndex::cells() const {
  return impl_->cell_count();
}

}  // namespace farpoint::select
