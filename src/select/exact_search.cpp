// SPDX-License-Identifier: Apache-2.0
#include "exact_search.hpp"

#include <algorithm>

#include "blas.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

namespace {

// 32 rows make the product efficient, and a few hundred queries still keep all threads busy.
constexpr std::size_t most_queries = 32;
constexpr std::size_t most_centres = 512;

}  // namespace

ExactSearcher::ExactSearcher(const Screening& screening, const Centres& centres)
    : screening_(screening),
      centres_(centres),
      rows_(most_queries * centres.dimension()),
      products_(most_queries * most_centres) {}

void ExactSearcher::search(std::span<Query> queries) {
  for (std::size_t begin = 0; begin < queries.size(); begin += most_queries) {
    search_block(queries.subspan(begin, std::min(most_queries, queries.size() - begin)));
  }
}

void ExactSearcher::search_block(std::span<Query> queries) {
  std::size_t first = centres_.count();
  for (std::size_t q = 0; q < queries.size(); ++q) {
    std::copy_n(queries[q].row, centres_.dimension(), rows_.data() + q * centres_.dimension());
    first = std::min<std::size_t>(first, queries[q].first);
  }
  for (; first < centres_.count(); first += most_centres) {
    const std::size_t count = std::min(most_centres, centres_.count() - first);
    products(screening_.scale(), centres_.row(first), count, rows_.data(), queries.size(), centres_.dimension(),
             products_.data());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const std::size_t begin = std::max<std::size_t>(first, queries[q].first);
      if (begin >= first + count) continue;
      search_row(queries[q], begin, std::span(products_).subspan(q * count + (begin - first), first + count - begin));
    }
  }
}

/// `row_products[j]` is the scaled product with centre first + j.
void ExactSearcher::search_row(Query& query, std::size_t first, std::span<const float> row_products) {
  const auto affinity = [&](std::size_t j) { return row_products[j] - centres_.penalty(first + j); };
  const auto may_be_nearer = [&](std::size_t j) {
    // Written so that NaN, which means that nothing is known, is a yes.
    return !(screening_.lower(query.norm, centres_.norm(first + j), affinity(j)) > query.value);
  };
  // What is probably the nearest goes first: it tightens the value that rules out the others.
  std::size_t nearest = 0;
  for (std::size_t j = 1; j < row_products.size(); ++j) {
    if (affinity(j) > affinity(nearest)) nearest = j;
  }
  if (may_be_nearer(nearest)) measure_later(query, first + nearest);
  measure_pending(query);
  for (std::size_t j = 0; j < row_products.size(); ++j) {
    if (j != nearest && may_be_nearer(j)) measure_later(query, first + j);
  }
  measure_pending(query);
}

void ExactSearcher::measure_later(Query& query, std::size_t centre) {
  pending_[pending_count_++] = static_cast<std::uint32_t>(centre);
  if (pending_count_ == canonical_lanes) measure_pending(query);
}

void ExactSearcher::measure_pending(Query& query) {
  const std::span x(query.row, centres_.dimension());
  if (pending_count_ == 1) {
    const std::span y(centres_.row(pending_[0]), centres_.dimension());
    keep_nearer(query, canonical(screening_.metric(), x, y), pending_[0]);
  } else if (pending_count_ > 1) {
    std::array<const float*, canonical_lanes> rows;
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
      rows[lane] = centres_.row(pending_[lane < pending_count_ ? lane : 0]);
    }
    const auto values = canonical_batch(screening_.metric(), x, rows);
    for (std::size_t lane = 0; lane < pending_count_; ++lane) keep_nearer(query, values[lane], pending_[lane]);
  }
  pending_count_ = 0;
}

void ExactSearcher::keep_nearer(Query& query, double value, std::uint32_t centre) const {
  if (value > query.value) return;
  const bool wins_tie = query.centre == no_centre || centres_.label(centre) < centres_.label(query.centre);
  if (value == query.value && !wins_tie) return;
  query.value = value;
  query.centre = centre;
}

void search_exactly(const Screening& screening, const Centres& centres, std::span<Query> queries) {
  if (queries.empty()) return;
  std::vector<ExactSearcher> searchers(thread_count(), ExactSearcher(screening, centres));
  parallel_for(queries.size(), most_queries, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    searchers[thread].search(queries.subspan(begin, end - begin));
  });
}

}  // namespace farpoint::select
