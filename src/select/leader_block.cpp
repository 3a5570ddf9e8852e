// SPDX-License-Identifier: Apache-2.0
#include "leader_block.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

#include "affinities.hpp"
#include "exact_search.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::select {

namespace {

/// Enough rows that a thread is busy for a while, few enough that all threads are.
constexpr std::size_t block_rows = 64;

struct Head {
  std::uint64_t place = 0;
  double value = 0;
};

}  // namespace

void FarRecords::reserve(std::size_t count) {
  places_.reserve(count);
  values_.reserve(count);
  norms_.reserve(count);
  vectors_.reserve(count * dimension_);
}

void FarRecords::add(std::uint64_t place, double value, std::span<const float> vector) {
  places_.push_back(place);
  values_.push_back(value);
  norms_.push_back(screening_norm(vector));
  vectors_.insert(vectors_.end(), vector.begin(), vector.end());
}

FarRecords FarRecords::gather(comm::Communicator& comm) const {
  const std::size_t vector_bytes = dimension_ * sizeof(float);
  const std::size_t entry_bytes = sizeof(Head) + vector_bytes;
  std::vector<std::byte> mine(count() * entry_bytes);
  for (std::size_t i = 0; i < count(); ++i) {
    const Head head{places_[i], values_[i]};
    std::memcpy(mine.data() + i * entry_bytes, &head, sizeof(Head));
    std::memcpy(mine.data() + i * entry_bytes + sizeof(Head), vector(i).data(), vector_bytes);
  }
  const auto all = comm::all_gather(comm, std::span<const std::byte>(mine)).data;

  std::vector<Head> heads(all.size() / entry_bytes);
  for (std::size_t i = 0; i < heads.size(); ++i) std::memcpy(&heads[i], all.data() + i * entry_bytes, sizeof(Head));
  std::vector<std::size_t> order(heads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return heads[a].place < heads[b].place; });
  FarRecords gathered(dimension_);
  gathered.reserve(order.size());
  std::vector<float> row(dimension_);
  for (const std::size_t i : order) {
    std::memcpy(row.data(), all.data() + i * entry_bytes + sizeof(Head), vector_bytes);
    gathered.add(heads[i].place, heads[i].value, row);
  }
  return gathered;
}

void FarRecords::apply(const Screening& screening, std::size_t i, double near) {
  open_.clear();
  rows_.clear();
  for (std::size_t q = i + 1; q < count(); ++q) {
    if (values_[q] <= near) continue;
    open_.push_back(q);
    rows_.push_back(vector(q).data());
  }
  if (open_.empty()) return;
  products_.resize(open_.size());
  products_with(vector(i), rows_, products_);
  const float penalty = screening.penalty(norms_[i]);
  for (std::size_t o = 0; o < open_.size(); ++o) {
    const std::size_t q = open_[o];
    const float affinity = screening.scale() * products_[o] - penalty;
    if (screening.lower(norms_[q], norms_[i], affinity) > values_[q]) continue;
    values_[q] = std::min(values_[q], canonical(screening.metric(), vector(q), vector(i)));
  }
}

FarSearch::FarSearch(const Vectors& vectors, const Screening& screening, const Centres& centres)
    : vectors_(vectors),
      screening_(screening),
      centres_(centres),
      row_blocks_(thread_count(), RowBlock(vectors, block_rows)) {}

FarRecords FarSearch::find(std::span<const BlockRow> rows, double near, bool mostly_far) {
  std::vector<Open> open(rows.size());
  std::transform(rows.begin(), rows.end(), open.begin(), [](const BlockRow& row) { return Open{row}; });
  if (!mostly_far && centres_.count() > 0) screen(open, near);
  FarRecords far(centres_.dimension());
  // Bounds the memory for rows that are read for it.
  constexpr std::size_t batch = 2048;
  for (std::size_t begin = 0; begin < open.size(); begin += batch) {
    measure(std::span(open).subspan(begin, std::min(batch, open.size() - begin)), near, far);
  }
  return far;
}

void FarSearch::screen(std::vector<Open>& rows, double near) {
  parallel_for(rows.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    screen_block(std::span(rows).subspan(begin, end - begin), row_blocks_[thread]);
  });
  std::erase_if(rows, [&](const Open& row) { return row.bound <= near; });
}

void FarSearch::screen_block(std::span<Open> rows, RowBlock& block) const {
  std::array<std::uint32_t, block_rows> numbers;
  std::array<float, block_rows> affinities;
  std::transform(rows.begin(), rows.end(), numbers.begin(), [](const Open& open) { return open.row.row; });
  const auto vectors = block.load(std::span(numbers).first(rows.size()));
  greatest_affinities(centres_.panels(), screening_.scale(), 0, vectors, std::span(affinities).first(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float norm = screening_norm(std::span(vectors[i], centres_.dimension()));
    if (!std::isinf(norm)) rows[i].bound = screening_.upper(norm, affinities[i]);
  }
}

void FarSearch::measure(std::span<const Open> rows, double near, FarRecords& far) const {
  std::vector<std::uint32_t> numbers(rows.size());
  std::transform(rows.begin(), rows.end(), numbers.begin(), [](const Open& open) { return open.row.row; });
  RowBlock block(vectors_, numbers.size());
  const auto vectors = block.load(numbers);
  std::vector<Query> queries(rows.size());
  for (std::size_t q = 0; q < queries.size(); ++q) {
    queries[q] = {vectors[q], screening_norm(std::span(vectors[q], centres_.dimension())), 0, rows[q].bound};
  }
  search_exactly(screening_, centres_, queries);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    if (!(queries[q].value > near)) continue;
    far.add(rows[q].row.place, queries[q].value, std::span(vectors[q], centres_.dimension()));
  }
}

}  // namespace farpoint::select
