// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "affinities.hpp"
#include "blas.hpp"
#include "centres.hpp"
#include "exact_search.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "screening.hpp"

namespace farpoint::select {

namespace {

constexpr std::size_t block_rows = 64;

/// One thread's part of the work.
class Measurer {
 public:
  Measurer(const Vectors& rows, const Screening& screening, const Centres& targets)
      : screening_(screening),
        targets_(targets),
        block_(rows, block_rows),
        searcher_(screening, targets),
        can_screen_(std::none_of(targets.norms(0).begin(), targets.norms(0).end(),
                                 [](float norm) { return std::isinf(norm); })) {}

  /// values[i] becomes that of row begin + i; at most block_rows of them.
  void measure(std::size_t begin, std::span<double> values) {
    const auto rows = block_.load_range(begin, values.size());
    two_greatest_hopeful_affinities(targets_.panels(), screening_.scale(), rows, std::span(top_).first(values.size()));
    std::size_t asked = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      Query query{rows[i], screening_norm({rows[i], targets_.dimension()})};
      if (!try_top(query, top_[i])) {
        queries_[asked] = query;
        asking_[asked++] = i;
      }
      values[i] = query.value;
    }
    searcher_.search(std::span(queries_).first(asked));
    for (std::size_t q = 0; q < asked; ++q) values[asking_[q]] = queries_[q].value;
  }

 private:
  /// Measures what is probably the nearest target. True when all others are surely no nearer. Products with vectors so
  /// long that they may overflow say nothing.
  bool try_top(Query& query, const TopTwo& top) const {
    if (!can_screen_ || std::isinf(query.norm)) return false;
    const std::size_t dimension = targets_.dimension();
    query.centre = top.centre;
    query.value = canonical(screening_.metric(), {query.row, dimension}, {targets_.row(top.centre), dimension});
    return query.value <= screening_.hopeful_lower(query.norm, top.second);
  }

  const Screening& screening_;
  const Centres& targets_;
  RowBlock block_;
  ExactSearcher searcher_;
  std::array<TopTwo, block_rows> top_{};
  std::array<Query, block_rows> queries_;
  std::array<std::size_t, block_rows> asking_{};
  bool can_screen_;
};

void check(std::span<const float> targets, std::size_t dimension) {
  if (targets.empty()) return;
  if (dimension == 0 || dimension > largest_dimension || targets.size() % dimension != 0) {
    throw Error(fmt::format("{} numbers are no whole vectors of {} components", targets.size(), dimension));
  }
  if (!is_finite(targets)) throw Error("a target vector holds NaN or infinity; leave such vectors out");
}

}  // namespace

struct NearestTargets::Implementation {
  Screening screening;
  Centres centres;

  Implementation(Metric metric, std::size_t dimension) : screening(metric, dimension), centres(screening, dimension) {}
};

NearestTargets::NearestTargets(Metric metric, std::span<const float> targets, std::size_t dimension)
    : implementation_(std::make_unique<Implementation>(metric, dimension)) {
  check(targets, dimension);
  load_blas();
  auto& centres = implementation_->centres;
  centres.reserve(dimension == 0 ? 0 : targets.size() / dimension);
  for (std::size_t begin = 0; begin < targets.size(); begin += dimension) {
    centres.add(targets.subspan(begin, dimension), 0);
  }
}

NearestTargets::~NearestTargets() = default;
NearestTargets::NearestTargets(NearestTargets&&) noexcept = default;

std::size_t NearestTargets::dimension() const {
  return implementation_->centres.dimension();
}

std::vector<double> NearestTargets::values(const Vectors& rows) const {
  const auto& [screening, centres] = *implementation_;
  std::vector<double> values(rows.size(), std::numeric_limits<double>::infinity());
  if (centres.count() == 0 || rows.size() == 0) return values;
  if (rows.dimension() != centres.dimension()) {
    throw Error(
        fmt::format("rows of {} numbers have no distance to targets of {}", rows.dimension(), centres.dimension()));
  }
  std::vector<Measurer> measurers(thread_count(), Measurer(rows, screening, centres));
  parallel_for(values.size(), block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    measurers[thread].measure(begin, std::span(values).subspan(begin, end - begin));
  });
  return values;
}

}  // namespace farpoint::select
