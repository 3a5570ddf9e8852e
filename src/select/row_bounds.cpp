// SPDX-License-Identifier: Apache-2.0
#include "row_bounds.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "blocked_products.hpp"
#include "exact_search.hpp"

namespace farpoint::select {

namespace {

constexpr float lowest = -std::numeric_limits<float>::infinity();

/// affinity[i] = max(affinity[i], products[i] - penalty). NaN, which only pairs that must not be screened give, loses.
void fold_greatest(std::span<float> affinity, const float* products, float penalty) {
#pragma omp simd
  for (std::size_t i = 0; i < affinity.size(); ++i) {
    const float value = products[i] - penalty;
    affinity[i] = value > affinity[i] ? value : affinity[i];
  }
}

bool earlier(const Candidate& a, const Candidate& b) {
  return a.key.before(b.key);
}

/// Keeps the best `count` in any order.
void shrink(std::vector<Candidate>& candidates, std::size_t count) {
  if (candidates.size() <= count) return;
  std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                   earlier);
  candidates.resize(count);
}

}  // namespace

RowBounds::RowBounds(const Vectors& vectors, const Screening& screening, const Centres& centres)
    : vectors_(vectors),
      screening_(screening),
      centres_(centres),
      bounds_(vectors.ids.size(), std::numeric_limits<double>::infinity()),
      applied_(vectors.ids.size(), 0),
      screened_(vectors.ids.size(), 0),
      norms_(vectors.ids.size()) {
#pragma omp parallel for schedule(static)
  for (std::size_t row = 0; row < norms_.size(); ++row) norms_[row] = screening_norm(vectors_.row(row));
}

void RowBounds::prefer(std::uint64_t first_id) {
  constexpr double second = std::numeric_limits<double>::max();
  for (std::size_t row = 0; row < size(); ++row) {
    if (id(row) != first_id) bounds_[row] = second;
  }
}

void RowBounds::set_exact(std::size_t row, double value) {
  bounds_[row] = value;
  applied_[row] = screened_[row] = static_cast<std::uint32_t>(centres_.count());
}

std::vector<Candidate> RowBounds::top(std::size_t count) {
  // Screening the farthest first raises the limit that the others must reach. A batch is large enough for efficient
  // products, and for few scans of all bounds.
  const std::size_t batch = std::max({4 * count, std::size_t{2048}, size() / 32});
  while (true) {
    const auto current = first_up_to_date(count);
    // At the start all bounds are infinite: there is no order to gain from.
    const std::size_t most = current.empty() ? size() : batch;
    auto stale = stale_rows_before(current.size() == count ? current.back().key : Key{}, most);
    if (stale.empty()) return current;
    screen(std::move(stale));
  }
}

/// All rows that are not up to date and come before `key`, or of too many the first `most`.
std::vector<std::uint32_t> RowBounds::stale_rows_before(const Key& key, std::size_t most) const {
  std::vector<Candidate> stale;
  for (std::size_t row = 0; row < bounds_.size(); ++row) {
    const Key bound{bounds_[row], id(row)};
    if (screened_[row] == centres_.count() || !bound.before(key)) continue;
    stale.push_back({bound, static_cast<std::uint32_t>(row)});
  }
  shrink(stale, most);
  std::vector<std::uint32_t> rows(stale.size());
  std::transform(stale.begin(), stale.end(), rows.begin(), [](const Candidate& candidate) { return candidate.row; });
  return rows;
}

std::vector<Candidate> RowBounds::first_up_to_date(std::size_t count) const {
  std::vector<Candidate> best;
  const std::size_t capacity = 2 * count;
  double threshold = chosen;  // with `count` rows at or above it seen, a later row needs more: its id is higher
  for (std::size_t row = 0; row < bounds_.size(); ++row) {
    if (!(bounds_[row] > threshold)) continue;
    if (screened_[row] != centres_.count()) continue;
    best.push_back({{bounds_[row], id(row)}, static_cast<std::uint32_t>(row)});
    if (best.size() < capacity) continue;
    shrink(best, count);
    threshold = std::max_element(best.begin(), best.end(), earlier)->key.value;
  }
  shrink(best, count);
  std::sort(best.begin(), best.end(), earlier);
  return best;
}

void RowBounds::make_exact(std::span<Candidate> candidates) {
  std::vector<Query> queries;
  std::vector<Candidate*> asking;
  for (Candidate& candidate : candidates) {
    const std::size_t row = candidate.row;
    if (applied_[row] == centres_.count()) continue;
    queries.push_back({vector(row).data(), norms_[row], applied_[row], bounds_[row]});
    asking.push_back(&candidate);
  }
  search_exactly(screening_, centres_, queries);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    set_exact(asking[q]->row, queries[q].value);
    asking[q]->key.value = queries[q].value;
  }
}

void RowBounds::make_exact_before(const Key& key) {
  // With many ties these are many; a batch bounds the memory and keeps all threads busy.
  constexpr std::size_t batch = 16384;
  std::vector<Candidate> candidates;
  for (std::size_t row = 0; row < size(); ++row) {
    const Key bound{bounds_[row], id(row)};
    if (applied_[row] == centres_.count() || !bound.before(key)) continue;
    candidates.push_back({bound, static_cast<std::uint32_t>(row)});
    if (candidates.size() < batch) continue;
    make_exact(candidates);
    candidates.clear();
  }
  make_exact(candidates);
}

void RowBounds::screen(std::vector<std::uint32_t> rows) {
  std::sort(rows.begin(), rows.end(),
            [&](std::uint32_t a, std::uint32_t b) { return std::pair(screened_[a], a) < std::pair(screened_[b], b); });
  const auto blocks = make_blocks(rows);
  // Work space is allocated here: an exception must not leave the parallel region.
  const std::size_t work_size = block_rows + block_products + block_rows * vectors_.dimension;
  std::vector<float> work(static_cast<std::size_t>(omp_get_max_threads()) * work_size);
#pragma omp parallel for schedule(dynamic)
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    screen_block(blocks[block], std::span(work).subspan(thread * work_size, work_size));
  }
}

std::vector<RowBounds::Block> RowBounds::make_blocks(std::span<const std::uint32_t> rows) const {
  std::vector<Block> blocks;
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::uint32_t first = screened_[rows[begin]];
    const auto missed = centres_.norms(first);
    const float longest = *std::max_element(missed.begin(), missed.end());
    while (begin < rows.size() && screened_[rows[begin]] == first) {
      std::size_t end = begin;
      while (end < rows.size() && end - begin < block_rows && screened_[rows[end]] == first) ++end;
      blocks.push_back({rows.subspan(begin, end - begin), longest});
      begin = end;
    }
  }
  return blocks;
}

void RowBounds::screen_block(const Block& block, std::span<float> work) {
  const std::size_t count = block.rows.size();
  const std::size_t dimension = vectors_.dimension;
  const auto affinity = work.first(count);
  const auto gathered = work.subspan(block_rows + block_products);
  std::fill(affinity.begin(), affinity.end(), lowest);
  const float* rows = vector(block.rows.front()).data();
  const bool is_contiguous = block.rows.back() - block.rows.front() + 1 == count;
  if (!is_contiguous) {
    for (std::size_t i = 0; i < count; ++i) {
      std::copy_n(vector(block.rows[i]).data(), dimension, gathered.data() + i * dimension);
    }
    rows = gathered.data();
  }
  fold_products(screening_.scale(), rows, count, centres_, screened_[block.rows.front()],
                work.subspan(block_rows, block_products),
                [&](std::size_t c, const float* column) { fold_greatest(affinity, column, centres_.penalty(c)); });
  for (std::size_t i = 0; i < count; ++i) lower_bound_of(block.rows[i], block.longest, affinity[i]);
}

void RowBounds::lower_bound_of(std::size_t row, float longest, float affinity) {
  const std::uint32_t first = screened_[row];
  screened_[row] = static_cast<std::uint32_t>(centres_.count());
  if (std::isinf(norms_[row])) return;
  // A row that was exact stays so when no new centre can be nearer.
  const double least = screening_.lower(norms_[row], longest, affinity);
  if (applied_[row] == first && least >= bounds_[row]) applied_[row] = screened_[row];
  bounds_[row] = std::min(bounds_[row], screening_.upper(norms_[row], affinity));
}

}  // namespace farpoint::select
