// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// All records of a test in one place, ids ascending.
struct Dataset {
  std::size_t dimension = 0;
  std::vector<std::uint64_t> ids;
  std::vector<float> rows;
  std::vector<float> curated;
  // by record, or empty
  std::vector<double> scores = {};
  std::vector<std::uint32_t> labels = {};
  std::vector<std::uint64_t> tokens = {};
  std::vector<std::uint8_t> barred = {};

  Vectors pool() const { return {rows, ids, dimension}; }
  Candidates candidates() const { return {pool(), {labels, tokens}, scores, barred}; }
  std::size_t curated_count() const { return dimension == 0 ? 0 : curated.size() / dimension; }
  std::span<const float> curated_row(std::size_t c) const {
    return std::span(curated).subspan(c * dimension, dimension);
  }
  std::size_t place_of(std::uint64_t id) const {
    return static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  }
};

/// The greedy as it is defined: every distance canonical, every record looked at for every pick. The costs are not set.
class ReferenceKCenter {
 public:
  /// `first`: the id of the first pick, where it is not what the definition says (drawn).
  static KCenterResult run(const Dataset& data, const KCenterOptions& options, std::optional<std::uint64_t> first) {
    ReferenceKCenter reference(data, options);
    reference.start(first);
    while (reference.step()) {
    }
    return reference.finish();
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  ReferenceKCenter(const Dataset& data, const KCenterOptions& options)
      : data_(data),
        options_(options),
        ledger_(options.limits),
        nearest_(data.ids.size(), infinity),
        to_chosen_(data.ids.size(), infinity),
        chosen_(data.ids.size(), false) {
    result_.representatives.assign(data.ids.size(), curated_representative);
  }

  /// The weighted value that decides.
  double value(std::size_t i) const {
    if (data_.scores.empty()) return nearest_[i];
    const double score = data_.scores[i];
    return (options_.metric == Metric::l2 ? score * score : score) * nearest_[i];
  }

  double shown(std::size_t i) const { return shown_distance(options_.metric, value(i)); }

  void start(std::optional<std::uint64_t> first) {
    for (std::size_t i = 0; i < data_.ids.size(); ++i) {
      for (std::size_t c = 0; c < data_.curated_count(); ++c) {
        nearest_[i] = std::min(nearest_[i], canonical(options_.metric, data_.pool().row(i), data_.curated_row(c)));
      }
    }
    to_curated_ = nearest_;
    const Charges charges = data_.candidates().charges;
    for (const auto id : options_.must_keep) {
      const std::size_t i = data_.place_of(id);
      ledger_.take_anyway(charges.label(i), charges.token_count(i));
      choose(i);
    }
    if (!result_.ids.empty() || data_.curated_count() > 0) return;
    if (first) {
      offer(data_.place_of(*first));
    } else if (!data_.scores.empty()) {
      const auto best = farthest(true, [&](std::size_t i) { return data_.scores[i]; });
      if (best) offer(*best);
    }
  }

  template <typename Value>
  std::optional<std::size_t> farthest(bool only_open, const Value& of) const {
    const Candidates pool = data_.candidates();
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < data_.ids.size(); ++i) {
      if (chosen_[i]) continue;
      if (only_open && (!ledger_.is_open(pool.charges.label(i)) || (!pool.barred.empty() && pool.barred[i] != 0))) {
        continue;
      }
      if (!best || of(i) > of(*best)) best = i;
    }
    return best;
  }

  bool offer(std::size_t i) {
    const Charges charges = data_.candidates().charges;
    if (!ledger_.take(charges.label(i), charges.token_count(i))) return false;
    choose(i);
    return true;
  }

  /// False when the greedy is at its end.
  bool step() {
    if (ledger_.is_full()) return false;
    const auto next = farthest(true, [&](std::size_t i) { return value(i); });
    if (!next) {
      if (ledger_.minima_met()) return false;
      ledger_.give_up_minima();
      return true;
    }
    if (ledger_.minima_met() && options_.radius && shown(*next) <= *options_.radius) return false;
    return offer(*next);
  }

  void choose(std::size_t farthest) {
    chosen_[farthest] = true;
    result_.ids.push_back(data_.ids[farthest]);
    result_.distances.push_back(shown(farthest));
    for (std::size_t i = 0; i < data_.ids.size(); ++i) {
      const double value = canonical(options_.metric, data_.pool().row(i), data_.pool().row(farthest));
      nearest_[i] = std::min(nearest_[i], value);
      if (value < to_chosen_[i] || (value == to_chosen_[i] && data_.ids[farthest] < result_.representatives[i])) {
        to_chosen_[i] = value;
        result_.representatives[i] = data_.ids[farthest];
      }
    }
  }

  KCenterResult finish() {
    const auto left = farthest(false, [&](std::size_t i) { return value(i); });
    result_.radius = left ? shown(*left) : 0;
    for (std::size_t i = 0; i < data_.ids.size(); ++i) {
      if (to_curated_[i] < to_chosen_[i]) result_.representatives[i] = curated_representative;
      if (chosen_[i]) result_.representatives[i] = data_.ids[i];
    }
    for (const auto id : result_.ids) {
      result_.weights.push_back(
          static_cast<std::uint64_t>(std::count(result_.representatives.begin(), result_.representatives.end(), id)));
    }
    return std::move(result_);
  }

  const Dataset& data_;
  const KCenterOptions& options_;
  Ledger ledger_;
  KCenterResult result_;
  std::vector<double> nearest_;    // canonical, to chosen and curated
  std::vector<double> to_chosen_;  // canonical, to chosen alone
  std::vector<double> to_curated_;
  std::vector<bool> chosen_;
};

inline KCenterResult reference_k_center(const Dataset& data, const KCenterOptions& options,
                                        std::optional<std::uint64_t> first = {}) {
  return ReferenceKCenter::run(data, options, first);
}

}  // namespace farpoint::select
