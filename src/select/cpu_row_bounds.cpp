// SPDX-License-Identifier: Apache-2.0
#include "cpu_row_bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "affinities.hpp"
#include "assignment.hpp"
#include "exact_search.hpp"
#include "farpoint/base/parallel.hpp"
#include "stopwatch.hpp"

namespace farpoint::select {

namespace {

/// Enough rows that a thread is busy for a while, few enough that all threads are.
constexpr std::size_t block_rows = 64;

/// No centre has been compared with it.
bool is_unknown(const Candidate& candidate) {
  return std::isinf(candidate.key.value);
}

bool earlier(const Candidate& a, const Candidate& b) {
  return a.key.before(b.key);
}

/// Keeps the first `count` in the order of choice, in any order.
void shrink(std::vector<Candidate>& candidates, std::size_t count) {
  if (candidates.size() <= count) return;
  std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                   earlier);
  candidates.resize(count);
}

/// The first `count` in the order of choice of candidates that are offered in the order of their ids, and of them those
/// whose bound is not below `least`.
class First {
 public:
  First(std::size_t count, double least)
      : count_(count), threshold_(std::nextafter(least, -std::numeric_limits<double>::infinity())) {}

  void offer(double bound, std::uint64_t id, std::size_t row) {
    if (!(bound > threshold_)) return;
    candidates_.push_back({{bound, id}, static_cast<std::uint32_t>(row)});
    if (candidates_.size() < 4 * count_) return;
    shrink(candidates_, count_);
    // A later candidate has a higher id: an equal bound is not enough.
    threshold_ = std::max_element(candidates_.begin(), candidates_.end(), earlier)->key.value;
  }

  std::vector<Candidate> take() && {
    shrink(candidates_, count_);
    return std::move(candidates_);
  }

 private:
  std::size_t count_;
  double threshold_;  // minus infinity at least: the bound of what is chosen, which is not wanted
  std::vector<Candidate> candidates_;
};

void append(std::vector<Candidate>& all, std::vector<Candidate> more) {
  if (all.empty()) {
    all = std::move(more);
  } else {
    all.insert(all.end(), more.begin(), more.end());
  }
}

}  // namespace

CpuRowBounds::CpuRowBounds(const Candidates& pool, const Screening& screening, const Centres& centres,
                           KCenterCosts& costs)
    : RowBounds(pool, screening, centres, costs),
      bounds_(size(), std::numeric_limits<double>::infinity()),
      applied_(size(), 0),
      screened_(size(), 0),
      norms_(size()),
      row_blocks_(thread_count(), RowBlock(vectors(), block_rows)) {
  parallel_for(norms_.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    const auto rows = row_blocks_[thread].load_range(begin, end - begin);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      norms_[begin + i] = screening_norm(std::span(rows[i], vectors().dimension()));
    }
  });
}

std::vector<double> CpuRowBounds::bounds_of(std::span<const Candidate> candidates) const {
  std::vector<double> bounds(candidates.size());
  std::transform(candidates.begin(), candidates.end(), bounds.begin(),
                 [&](const Candidate& candidate) { return bounds_[candidate.row]; });
  return bounds;
}

void CpuRowBounds::settle(std::span<const Outcome> outcomes) {
  for (const Outcome& outcome : outcomes) {
    if (outcome.is_chosen)
      bounds_[outcome.row] = chosen;
    else
      set_exact(outcome.row, outcome.value, outcome.centres);
  }
}

std::vector<std::uint64_t> CpuRowBounds::nearest_labels() const {
  return select::nearest_labels(*this, screening(), centres());
}

void CpuRowBounds::set_exact(std::size_t row, double value, std::uint32_t centres) {
  bounds_[row] = value;
  applied_[row] = screened_[row] = centres;
}

std::vector<Candidate> CpuRowBounds::top(std::size_t count) {
  const Stopwatch watch(costs().screening_seconds);
  // Screening the farthest first raises the limit that the others must reach. A batch is large enough for efficient
  // products, and for few scans of all bounds.
  const std::size_t batch = std::max({4 * count, std::size_t{2048}, size() / 32});
  std::size_t most = batch;
  double limit = Key{}.value;  // what the rows at the top reach
  while (true) {
    auto [current, stale] = scan(count, most, limit);
    if (current.size() == count) {
      limit = current.back().key.value;
      std::erase_if(stale, [&](const Candidate& candidate) { return !earlier(candidate, current.back()); });
    }
    if (stale.empty()) return current;
    // At the start nothing is known of any row: there is no order to gain from.
    if (most < size() && std::any_of(stale.begin(), stale.end(), is_unknown)) {
      most = size();
      continue;
    }
    std::vector<std::uint32_t> rows(stale.size());
    std::transform(stale.begin(), stale.end(), rows.begin(), [](const Candidate& candidate) { return candidate.row; });
    screen(std::move(rows));
    most = batch;
  }
}

CpuRowBounds::Tops CpuRowBounds::scan(std::size_t most_current, std::size_t most_stale, double least) const {
  constexpr std::size_t least_rows = 4096;  // worth waking a thread for
  const auto all_centres = static_cast<std::uint32_t>(centres().count());
  std::vector<Tops> of_threads(thread_count());
  const std::size_t grain = std::max(least_rows, (size() + thread_count() - 1) / thread_count());
  parallel_for(size(), grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    First current(most_current, least);
    First stale(most_stale, least);
    for (std::size_t row = begin; row < end; ++row) {
      (screened_[row] == all_centres ? current : stale).offer(order_value(row), id(row), row);
    }
    append(of_threads[thread].current, std::move(current).take());
    append(of_threads[thread].stale, std::move(stale).take());
  });
  Tops tops;
  for (Tops& part : of_threads) {
    append(tops.current, std::move(part.current));
    append(tops.stale, std::move(part.stale));
  }
  shrink(tops.current, most_current);
  std::sort(tops.current.begin(), tops.current.end(), earlier);
  shrink(tops.stale, most_stale);
  return tops;
}

void CpuRowBounds::make_exact(std::span<Candidate> candidates) {
  const Stopwatch watch(costs().exact_seconds);
  std::vector<Candidate*> asking;
  for (Candidate& candidate : candidates) {
    if (applied_[candidate.row] != centres().count()) asking.push_back(&candidate);
  }
  // Bounds the memory for rows that are read for it.
  constexpr std::size_t batch = 2048;
  for (std::size_t begin = 0; begin < asking.size(); begin += batch) {
    make_all_exact(std::span(asking).subspan(begin, std::min(batch, asking.size() - begin)));
  }
}

void CpuRowBounds::make_all_exact(std::span<Candidate* const> candidates) {
  std::vector<std::uint32_t> numbers(candidates.size());
  std::transform(candidates.begin(), candidates.end(), numbers.begin(), [](const auto* c) { return c->row; });
  RowBlock block(vectors(), numbers.size());
  const auto rows = block.load(numbers);
  std::vector<Query> queries(candidates.size());
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const std::uint32_t row = numbers[q];
    queries[q] = {rows[q], norms_[row], applied_[row], bounds_[row]};
    costs().distances += centres().count() - applied_[row];
  }
  search_exactly(screening(), centres(), queries);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    set_exact(numbers[q], queries[q].value, centre_count());
    candidates[q]->key.value = weight(numbers[q]) * queries[q].value;
  }
}

void CpuRowBounds::make_exact_before(const Key& key) {
  // With many ties these are many; a batch bounds the memory and keeps all threads busy.
  constexpr std::size_t batch = 16384;
  std::vector<Candidate> candidates;
  for (std::size_t row = 0; row < size(); ++row) {
    const Key bound{order_value(row), id(row)};
    if (applied_[row] == centres().count() || !bound.before(key)) continue;
    candidates.push_back({bound, static_cast<std::uint32_t>(row)});
    if (candidates.size() < batch) continue;
    make_exact(candidates);
    candidates.clear();
  }
  make_exact(candidates);
}

void CpuRowBounds::screen(std::vector<std::uint32_t> rows) {
  std::sort(rows.begin(), rows.end(),
            [&](std::uint32_t a, std::uint32_t b) { return std::pair(screened_[a], a) < std::pair(screened_[b], b); });
  for (const std::uint32_t row : rows) costs().distances += centres().count() - screened_[row];
  const auto blocks = make_blocks(rows);
  parallel_for(blocks.size(), 1, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) screen_block(blocks[block], row_blocks_[thread]);
  });
}

std::vector<CpuRowBounds::Block> CpuRowBounds::make_blocks(std::span<const std::uint32_t> rows) const {
  std::vector<Block> blocks;
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::uint32_t first = screened_[rows[begin]];
    const auto missed = centres().norms(first);
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

void CpuRowBounds::screen_block(const Block& block, RowBlock& rows) {
  const std::size_t count = block.rows.size();
  std::array<float, block_rows> affinities;
  greatest_affinities(centres().panels(), screening().scale(), screened_[block.rows.front()], rows.load(block.rows),
                      std::span(affinities).first(count));
  for (std::size_t i = 0; i < count; ++i) lower_bound_of(block.rows[i], block.longest, affinities[i]);
}

void CpuRowBounds::lower_bound_of(std::size_t row, float longest, float affinity) {
  const std::uint32_t first = screened_[row];
  screened_[row] = static_cast<std::uint32_t>(centres().count());
  if (std::isinf(norms_[row])) return;
  // A row that was exact stays so when no new centre can be nearer.
  const double least = screening().lower(norms_[row], longest, affinity);
  if (applied_[row] == first && least >= bounds_[row]) applied_[row] = screened_[row];
  bounds_[row] = std::min(bounds_[row], screening().upper(norms_[row], affinity));
}

}  // namespace farpoint::select
