// SPDX-License-Identifier: Apache-2.0
#include "assignment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "blas.hpp"
#include "canonical_batch.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "inputs.hpp"

namespace farpoint::select {

Assigner::Assigner(const Screening& screening, const Centres& centres)
    : screening_(screening),
      centres_(centres),
      searcher_(screening, centres),
      can_screen_(std::none_of(centres.norms(0).begin(), centres.norms(0).end(),
                               [](float norm) { return std::isinf(norm); })) {}

void Assigner::assign(std::span<const float* const> rows, std::span<const float> norms,
                      std::span<std::uint32_t> nearest, std::span<double> values) {
  two_greatest_hopeful_affinities(centres_.panels(), screening_.scale(), rows, std::span(top_).first(rows.size()));
  std::size_t asked = 0;
  std::size_t decided = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_decided(norms[i], top_[i])) {
      nearest[i] = top_[i].centre;
      decided_[decided++] = i;
    } else {
      queries_[asked] = {rows[i], norms[i]};
      asking_[asked++] = i;
    }
  }
  searcher_.search(std::span(queries_).first(asked));
  for (std::size_t q = 0; q < asked; ++q) {
    nearest[asking_[q]] = queries_[q].centre;
    if (!values.empty()) values[asking_[q]] = queries_[q].value;
  }
  if (!values.empty()) measure(rows, nearest, std::span(decided_).first(decided), values);
}

/// True when the nearest centre is surely nearer than the second. Products with vectors so long that they may
/// overflow say nothing.
bool Assigner::is_decided(float norm, const TopTwo& top) const {
  if (!can_screen_ || std::isinf(norm)) return false;
  return screening_.hopeful_upper(norm, centres_.norm(top.centre), top.greatest) <
         screening_.hopeful_lower(norm, top.second);
}

void Assigner::measure(std::span<const float* const> rows, std::span<const std::uint32_t> nearest,
                       std::span<const std::size_t> which, std::span<double> values) const {
  for (std::size_t begin = 0; begin < which.size(); begin += canonical_lanes) {
    const std::size_t count = std::min(canonical_lanes, which.size() - begin);
    std::array<const float*, canonical_lanes> xs;
    std::array<const float*, canonical_lanes> ys;
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
      const std::size_t i = which[begin + (lane < count ? lane : 0)];
      xs[lane] = rows[i];
      ys[lane] = centres_.row(nearest[i]);
    }
    const auto measured = canonical_pairs(screening_.metric(), centres_.dimension(), xs, ys);
    for (std::size_t lane = 0; lane < count; ++lane) values[which[begin + lane]] = measured[lane];
  }
}

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// One thread's rows, and what it finds of them.
struct Worker {
  Worker(const Vectors& vectors, const Screening& screening, const Centres& centres)
      : rows(vectors, Assigner::block_rows), assigner(screening, centres) {}

  RowBlock rows;
  Assigner assigner;
  std::array<float, Assigner::block_rows> norms{};
  std::array<std::uint32_t, Assigner::block_rows> nearest{};
};

/// The labels and, unless there is no room for them, the values of all rows. `norm` is told a row's number and place.
template <typename Norm>
void assign_all(const Vectors& vectors, const Screening& screening, const Centres& centres, const Norm& norm,
                std::span<std::uint64_t> labels, std::span<double> values) {
  std::vector<Worker> workers(thread_count(), Worker(vectors, screening, centres));
  parallel_for(labels.size(), Assigner::block_rows, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    Worker& worker = workers[thread];
    const std::size_t count = end - begin;
    const auto rows = worker.rows.load_range(begin, count);
    for (std::size_t i = 0; i < count; ++i) worker.norms[i] = norm(begin + i, rows[i]);
    const auto nearest = std::span(worker.nearest).first(count);
    worker.assigner.assign(rows, std::span(worker.norms).first(count), nearest,
                           values.empty() ? values : values.subspan(begin, count));
    for (std::size_t i = 0; i < count; ++i) labels[begin + i] = centres.label(nearest[i]);
  });
}

}  // namespace

void nearest_centres(const Vectors& rows, const Screening& screening, const Centres& centres,
                     std::span<std::uint64_t> labels, std::span<double> values) {
  const auto norm = [&](std::size_t, const float* row) { return screening_norm(std::span(row, rows.dimension())); };
  assign_all(rows, screening, centres, norm, labels, values);
}

std::vector<std::uint64_t> nearest_labels(const CpuRowBounds& rows, const Screening& screening, const Centres& centres,
                                          std::span<double> values) {
  std::vector<std::uint64_t> labels(rows.size(), curated_representative);
  std::fill(values.begin(), values.end(), infinity);
  if (centres.count() == 0 || labels.empty()) return labels;
  assign_all(
      rows.vectors(), screening, centres, [&](std::size_t row, const float*) { return rows.norm(row); }, labels,
      values);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (!rows.is_chosen(row)) continue;
    labels[row] = rows.id(row);
    if (!values.empty()) values[row] = 0;
  }
  return labels;
}

Assignment assign_rows(const ChosenCentres& chosen_centres, const Vectors& rows,
                       std::span<const std::uint64_t> chosen) {
  Assignment assignment{
      std::vector<std::uint64_t>(rows.size(), curated_representative), std::vector<double>(rows.size(), infinity), {}};
  const Centres& centres = chosen_centres.centres();
  if (centres.count() == 0 || rows.size() == 0) return assignment;
  nearest_centres(rows, chosen_centres.screening(), centres, assignment.representatives, assignment.values);
  for (const std::size_t row : rows_of(rows.ids(), chosen)) {
    assignment.representatives[row] = rows.id(row);
    assignment.values[row] = 0;
  }
  return assignment;
}

std::vector<std::size_t> rows_of(std::span<const std::uint64_t> ids, std::span<const std::uint64_t> chosen) {
  std::vector<std::size_t> rows;
  for (const std::uint64_t id : chosen) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), id);
    if (at != ids.end() && *at == id) rows.push_back(static_cast<std::size_t>(at - ids.begin()));
  }
  return rows;
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

Assignment assign_to_chosen(comm::Communicator& comm, Metric metric, const Vectors& pool,
                            std::span<const std::uint64_t> chosen, std::span<const float> curated) {
  load_blas();
  agree_on_inputs(comm, Candidates{.vectors = pool}, curated);
  const ChosenCentres centres(comm, metric, pool, chosen, curated);
  Assignment assignment = assign_rows(centres, pool, chosen);
  assignment.weights = count_labels(comm, assignment.representatives, chosen);
  return assignment;
}

}  // namespace farpoint::select
