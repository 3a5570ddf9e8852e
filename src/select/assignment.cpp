// SPDX-License-Identifier: Apache-2.0
#include "assignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "affinities.hpp"
#include "exact_search.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t block_rows = 64;

/// One thread's part of the assignment. Allocates nothing after construction.
class Assigner {
 public:
  Assigner(const CpuRowBounds& rows, const Screening& screening, const Centres& centres)
      : rows_(rows),
        screening_(screening),
        centres_(centres),
        block_(rows.vectors(), block_rows),
        searcher_(screening, centres),
        can_screen_(std::none_of(centres.norms(0).begin(), centres.norms(0).end(),
                                 [](float norm) { return std::isinf(norm); })) {}

  /// labels[i] becomes that of row begin + i; at most block_rows of them.
  void assign(std::size_t begin, std::span<std::uint64_t> labels) {
    const auto vectors = block_.load_range(begin, labels.size());
    two_greatest_hopeful_affinities(centres_.panels(), screening_.scale(), vectors,
                                    std::span(top_).first(labels.size()));
    std::size_t asked = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::size_t row = begin + i;
      if (rows_.is_chosen(row)) {
        labels[i] = rows_.id(row);
      } else if (is_decided(row, i)) {
        labels[i] = centres_.label(top_[i].centre);
      } else {
        queries_[asked] = {vectors[i], rows_.norm(row)};
        asking_[asked++] = i;
      }
    }
    searcher_.search(std::span(queries_).first(asked));
    for (std::size_t q = 0; q < asked; ++q) labels[asking_[q]] = centres_.label(queries_[q].centre);
  }

 private:
  /// True when the nearest centre is surely nearer than the second. Products with vectors so long that they may
  /// overflow say nothing.
  bool is_decided(std::size_t row, std::size_t i) const {
    const float norm = rows_.norm(row);
    if (!can_screen_ || std::isinf(norm)) return false;
    const float nearest_norm = centres_.norm(top_[i].centre);
    return screening_.hopeful_upper(norm, nearest_norm, top_[i].greatest) <
           screening_.hopeful_lower(norm, top_[i].second);
  }

  const CpuRowBounds& rows_;
  const Screening& screening_;
  const Centres& centres_;
  RowBlock block_;
  ExactSearcher searcher_;
  std::array<TopTwo, block_rows> top_{};
  std::array<Query, block_rows> queries_;
  std::array<std::size_t, block_rows> asking_{};
  bool can_screen_;
};

}  // namespace

std::vector<std::uint64_t> nearest_labels(const CpuRowBounds& rows, const Screening& screening,
                                          const Centres& centres) {
  std::vector<std::uint64_t> labels(rows.size(), curated_representative);
  if (centres.count() == 0 || labels.empty()) return labels;
  std::vector<Assigner> assigners(thread_count(), Assigner(rows, screening, centres));
  parallel_for(labels.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    assigners[thread].assign(begin, std::span(labels).subspan(begin, end - begin));
  });
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
