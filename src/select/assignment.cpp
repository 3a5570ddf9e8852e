// SPDX-License-Identifier: Apache-2.0
#include "assignment.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "blocked_products.hpp"
#include "exact_search.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::select {

namespace {

/// For each row of a block the two greatest hopeful affinities, and which centre has the greatest.
class TopTwo {
 public:
  void clear() {
    greatest_.fill(-std::numeric_limits<float>::infinity());
    second_.fill(-std::numeric_limits<float>::infinity());
    centre_.fill(0);
  }

  void fold(std::span<const float> column, float penalty, std::uint32_t centre) {
#pragma omp simd
    for (std::size_t i = 0; i < column.size(); ++i) {
      const float value = column[i] - penalty;
      const bool wins = value > greatest_[i];
      const float loser = wins ? greatest_[i] : value;
      second_[i] = loser > second_[i] ? loser : second_[i];
      centre_[i] = wins ? centre : centre_[i];
      greatest_[i] = wins ? value : greatest_[i];
    }
  }

  float greatest(std::size_t i) const {
    return greatest_[i];
  }
  float second(std::size_t i) const {
    return second_[i];
  }
  std::uint32_t centre(std::size_t i) const {
    return centre_[i];
  }

 private:
  std::array<float, block_rows> greatest_{};
  std::array<float, block_rows> second_{};
  std::array<std::uint32_t, block_rows> centre_{};
};

/// One thread's part of the assignment. Allocates nothing after construction.
class Assigner {
 public:
  Assigner(const RowBounds& rows, const Screening& screening, const Centres& centres)
      : rows_(rows),
        screening_(screening),
        centres_(centres),
        searcher_(screening, centres),
        work_(block_products),
        can_screen_(std::none_of(centres.norms(0).begin(), centres.norms(0).end(),
                                 [](float norm) { return std::isinf(norm); })) {}

  /// labels[i] becomes that of row begin + i; at most block_rows of them.
  void assign(std::size_t begin, std::span<std::uint64_t> labels) {
    screen(begin, labels.size());
    std::size_t asked = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::size_t row = begin + i;
      if (rows_.is_chosen(row)) {
        labels[i] = rows_.id(row);
      } else if (is_decided(row, i)) {
        labels[i] = centres_.label(top_.centre(i));
      } else {
        queries_[asked] = {rows_.vector(row).data(), rows_.norm(row)};
        asking_[asked++] = i;
      }
    }
    searcher_.search(std::span(queries_).first(asked));
    for (std::size_t q = 0; q < asked; ++q) labels[asking_[q]] = centres_.label(queries_[q].centre);
  }

 private:
  void screen(std::size_t begin, std::size_t count) {
    top_.clear();
    fold_products(screening_.scale(), rows_.vector(begin).data(), count, centres_, 0, work_,
                  [&](std::size_t c, const float* column) {
                    const float penalty = screening_.hopeful_penalty(centres_.norm(c));
                    top_.fold(std::span(column, count), penalty, static_cast<std::uint32_t>(c));
                  });
  }

  /// True when the nearest centre is surely nearer than the second. Products with vectors so long that they may
  /// overflow say nothing.
  bool is_decided(std::size_t row, std::size_t i) const {
    const float norm = rows_.norm(row);
    if (!can_screen_ || std::isinf(norm)) return false;
    const float nearest_norm = centres_.norm(top_.centre(i));
    return screening_.hopeful_upper(norm, nearest_norm, top_.greatest(i)) <
           screening_.hopeful_lower(norm, top_.second(i));
  }

  const RowBounds& rows_;
  const Screening& screening_;
  const Centres& centres_;
  ExactSearcher searcher_;
  TopTwo top_;
  std::vector<float> work_;
  std::array<Query, block_rows> queries_;
  std::array<std::size_t, block_rows> asking_{};
  bool can_screen_;
};

}  // namespace

std::vector<std::uint64_t> nearest_labels(const RowBounds& rows, const Screening& screening, const Centres& centres) {
  std::vector<std::uint64_t> labels(rows.size(), curated_representative);
  if (centres.count() == 0 || labels.empty()) return labels;
  const std::size_t blocks = (labels.size() + block_rows - 1) / block_rows;
  std::vector<Assigner> assigners(static_cast<std::size_t>(omp_get_max_threads()), Assigner(rows, screening, centres));
#pragma omp parallel for schedule(dynamic)
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t begin = block * block_rows;
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    assigners[thread].assign(begin, std::span(labels).subspan(begin, std::min(block_rows, labels.size() - begin)));
  }
  return labels;
}

std::vector<std::uint64_t> count_labels(comm::Communicator& comm, std::span<const std::uint64_t> labels,
                                        std::span<const std::uint64_t> ids) {
  std::unordered_map<std::uint64_t, std::size_t> places;
  places.reserve(ids.size());
  for (std::size_t place = 0; place < ids.size(); ++place) places.emplace(ids[place], place);
  std::vector<std::uint64_t> counts(ids.size(), 0);
  for (const std::uint64_t label : labels) {
    const auto place = places.find(label);
    if (place != places.end()) ++counts[place->second];
  }
  comm::all_reduce(comm, std::span(counts), comm::Reduction::sum);
  return counts;
}

}  // namespace farpoint::select
