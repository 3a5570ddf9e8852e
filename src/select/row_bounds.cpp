// SPDX-License-Identifier: Apache-2.0
#include "row_bounds.hpp"

#include <algorithm>

#include "cpu_row_bounds.hpp"
#include "device_row_bounds.hpp"

namespace farpoint::select {

namespace {

/// Under l2 canonical values are squares.
std::vector<double> weights_of(std::span<const double> scores, Metric metric) {
  std::vector<double> weights(scores.begin(), scores.end());
  if (metric == Metric::l2) {
    for (double& weight : weights) weight *= weight;
  }
  return weights;
}

}  // namespace

RowBounds::RowBounds(const Candidates& pool, const Screening& screening, const Centres& centres, KCenterCosts& costs)
    : pool_(pool),
      vectors_(pool.vectors),
      screening_(screening),
      centres_(centres),
      costs_(costs),
      is_plain_(pool.scores.empty()),
      weights_(weights_of(pool.scores, screening.metric())) {}

void RowBounds::look_at_open(const Ledger& ledger) {
  looks_at_all_ = false;
  is_open_.resize(ledger.limits().labels.size());
  for (std::uint32_t label = 0; label < is_open_.size(); ++label) is_open_[label] = ledger.is_open(label) ? 1 : 0;
  is_plain_ = weights_.empty() && is_open_.empty() && pool_.barred.empty();
}

void RowBounds::look_at_all() {
  looks_at_all_ = true;
  is_plain_ = weights_.empty();
}

std::vector<Candidate> RowBounds::find(std::span<const std::uint64_t> ids) const {
  std::vector<Candidate> found;
  const auto mine = vectors_.ids();
  for (const std::uint64_t wanted : ids) {
    const auto at = std::lower_bound(mine.begin(), mine.end(), wanted);
    if (at == mine.end() || *at != wanted) continue;
    found.push_back({{0, wanted}, static_cast<std::uint32_t>(at - mine.begin())});
  }
  const auto bounds = bounds_of(found);
  for (std::size_t i = 0; i < found.size(); ++i) found[i].key.value = weight(found[i].row) * bounds[i];
  return found;
}

std::unique_ptr<RowBounds> make_row_bounds(Accelerator* accelerator, const Candidates& pool, const Screening& screening,
                                           const Centres& centres, std::uint64_t picks, KCenterCosts& costs) {
  if (accelerator == nullptr) return std::make_unique<CpuRowBounds>(pool, screening, centres, costs);
  return std::make_unique<DeviceRowBounds>(*accelerator, pool, screening, centres, picks, costs);
}

}  // namespace farpoint::select
