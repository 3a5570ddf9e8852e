// SPDX-License-Identifier: Apache-2.0
#include "target_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "blas.hpp"
#include "canonical_batch.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t block_rows = 64;

/// A row that may be among those wanted: bounds on its canonical value, equal when it is known.
struct Candidate {
  double lower = 0;
  double upper = 0;
  std::uint32_t row = 0;

  bool is_exact() const { return lower == upper; }
  bool before(const Candidate& other) const { return std::tie(lower, row) < std::tie(other.lower, other.row); }
};

using Candidates = std::vector<Candidate>;

/// The same for all threads.
struct Search {
  const Vectors& pool;
  const Screening& screening;
  const TargetRows& targets;
  std::vector<float> norms;
  std::vector<float> penalties;  ///< hopeful ones

  std::size_t count() const { return targets.wanted.size(); }
  std::size_t dimension() const { return pool.dimension(); }
  std::span<const float> target(std::size_t t) const { return targets.vectors.subspan(t * dimension(), dimension()); }
};

/// One thread's part of the search.
class Scanner {
 public:
  explicit Scanner(const Search& search)
      : search_(search),
        block_(search.pool, block_rows),
        measured_(search.pool, canonical_lanes),
        rows_(block_rows * search.dimension()),
        products_(block_rows * search.count()),
        candidates_(search.count()),
        limits_(search.count(), infinity),
        reaches_(search.count(), infinity) {}

  /// At most block_rows of them.
  void scan(std::span<const std::uint32_t> rows);
  Candidates& candidates(std::size_t t) { return candidates_[t]; }
  /// What is wanted of `candidates`, exact and in order.
  std::vector<NearRow> finish(std::size_t t, Candidates candidates);

 private:
  void offer(std::uint32_t row, float norm, std::span<const float> products);
  void shrink(std::size_t t);
  void set_limit(std::size_t t, double limit);
  double cut(std::size_t wanted, Candidates& candidates) const;
  void measure(std::size_t t, Candidates& candidates);

  const Search& search_;
  RowBlock block_;
  RowBlock measured_;
  std::vector<float> rows_;
  std::vector<float> products_;
  std::vector<Candidates> candidates_;
  std::vector<double> limits_;   ///< at least the value of the last row that is wanted
  std::vector<double> reaches_;  ///< limits less penalties
};

void Scanner::scan(std::span<const std::uint32_t> rows) {
  const auto vectors = block_.load(rows);
  const std::size_t dimension = search_.dimension();
  for (std::size_t j = 0; j < rows.size(); ++j) std::copy_n(vectors[j], dimension, rows_.data() + j * dimension);
  products(search_.screening.scale(), search_.targets.vectors.data(), search_.count(), rows_.data(), rows.size(),
           dimension, products_.data());
  for (std::size_t j = 0; j < rows.size(); ++j) {
    const float norm = screening_norm(std::span(vectors[j], dimension));
    offer(rows[j], norm, std::span(products_).subspan(j * search_.count(), search_.count()));
  }
}

/// Comparisons are written so that NaN, which means that nothing is known, is a yes.
void Scanner::offer(std::uint32_t row, float norm, std::span<const float> products) {
  const double least = search_.screening.hopeful_lower(norm, 0);
  std::size_t hopeful = 0;
#pragma omp simd reduction(+ : hopeful)
  for (std::size_t t = 0; t < products.size(); ++t) {
    hopeful += !(static_cast<double>(products[t]) + reaches_[t] < least) ? 1 : 0;
  }
  for (std::size_t t = 0; hopeful > 0 && t < products.size(); ++t) {
    if (static_cast<double>(products[t]) + reaches_[t] < least) continue;
    --hopeful;
    const float affinity = products[t] - search_.penalties[t];
    const double lower = search_.screening.hopeful_lower(norm, affinity);
    const double upper = search_.screening.hopeful_upper(norm, search_.norms[t], affinity);
    if (lower > limits_[t]) continue;
    const bool is_bounded = std::isfinite(lower) && std::isfinite(upper);
    candidates_[t].push_back({is_bounded ? lower : -infinity, is_bounded ? upper : infinity, row});
    constexpr std::size_t spare = 256;
    if (candidates_[t].size() >= 4 * search_.targets.wanted[t] + spare) shrink(t);
  }
}

/// Leaves at most half of what fits. Where bounds do not tell enough rows apart, as with many ties, values do.
void Scanner::shrink(std::size_t t) {
  Candidates& candidates = candidates_[t];
  const std::size_t before = candidates.size();
  const std::size_t wanted = search_.targets.wanted[t];
  double limit = cut(wanted, candidates);
  if (candidates.size() > before / 2) {
    measure(t, candidates);
    limit = cut(wanted, candidates);
  }
  if (candidates.size() > before / 2) {
    // All are exact, and those that are wanted come before the others with the same value.
    std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(wanted), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.before(b); });
    candidates.resize(wanted);
  }
  set_limit(t, limit);
}

void Scanner::set_limit(std::size_t t, double limit) {
  limits_[t] = limit;
  reaches_[t] = limit - static_cast<double>(search_.penalties[t]);
}

/// Removes what is surely not wanted; returns a limit for those that follow.
double Scanner::cut(std::size_t wanted, Candidates& candidates) const {
  if (candidates.size() <= wanted) return infinity;
  const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(wanted - 1);
  std::nth_element(candidates.begin(), last, candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.upper < b.upper; });
  const double limit = last->upper;
  std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.lower > limit; });
  return limit;
}

void Scanner::measure(std::size_t t, Candidates& candidates) {
  std::array<std::uint32_t, canonical_lanes> rows;
  std::array<Candidate*, canonical_lanes> asking;
  std::array<const float*, canonical_lanes> vectors;
  std::size_t count = 0;
  const auto measure_pending = [&] {
    if (count == 0) return;
    const auto loaded = measured_.load(std::span(rows).first(count));
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) vectors[lane] = loaded[lane < count ? lane : 0];
    const auto values = canonical_batch(search_.screening.metric(), search_.target(t), vectors);
    for (std::size_t lane = 0; lane < count; ++lane) asking[lane]->lower = asking[lane]->upper = values[lane];
    count = 0;
  };
  for (Candidate& candidate : candidates) {
    if (candidate.is_exact()) continue;
    rows[count] = candidate.row;
    asking[count++] = &candidate;
    if (count == canonical_lanes) measure_pending();
  }
  measure_pending();
}

std::vector<NearRow> Scanner::finish(std::size_t t, Candidates candidates) {
  const std::size_t wanted = search_.targets.wanted[t];
  cut(wanted, candidates);
  measure(t, candidates);
  std::vector<NearRow> nearest(candidates.size());
  std::transform(candidates.begin(), candidates.end(), nearest.begin(), [](const Candidate& candidate) {
    return NearRow{candidate.lower, candidate.row};
  });
  std::sort(nearest.begin(), nearest.end());
  nearest.resize(std::min(wanted, nearest.size()));
  return nearest;
}

}  // namespace

std::vector<std::vector<NearRow>> nearest_rows(const Vectors& pool, const Screening& screening,
                                               std::span<const std::uint32_t> rows, const TargetRows& targets) {
  std::vector<std::vector<NearRow>> nearest(targets.wanted.size());
  if (rows.empty() || nearest.empty()) return nearest;
  Search search{pool, screening, targets, {}, {}};
  for (std::size_t t = 0; t < nearest.size(); ++t) {
    search.norms.push_back(screening_norm(search.target(t)));
    search.penalties.push_back(screening.hopeful_penalty(search.norms.back()));
  }
  std::vector<Scanner> scanners(thread_count(), Scanner(search));
  parallel_for(rows.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    scanners[thread].scan(rows.subspan(begin, end - begin));
  });
  parallel_for(nearest.size(), 1, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      Candidates candidates;
      for (Scanner& scanner : scanners) {
        Candidates& part = scanner.candidates(t);
        candidates.insert(candidates.end(), part.begin(), part.end());
        Candidates().swap(part);
      }
      nearest[t] = scanners[thread].finish(t, std::move(candidates));
    }
  });
  return nearest;
}

}  // namespace farpoint::select
