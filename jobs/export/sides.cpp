// SPDX-License-Identifier: Apache-2.0
#include "sides.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace farpoint::jobs {

namespace {

/// A stretch of the records in their random order.
struct Cluster {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint8_t part = 0;
  std::size_t size() const { return end - begin; }
};

class Chooser {
 public:
  Chooser(const SplitRecords& records, std::span<const double> shares)
      : records_(records), order_(records.key.size()), parts_(shares.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    const auto place = [&](std::uint64_t i) { return std::pair(records.key[i], records.cluster[i]); };
    std::sort(order_.begin(), order_.end(),
              [&](auto a, auto b) { return std::pair(place(a), a) < std::pair(place(b), b); });
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i == 0 || place(order_[i]) != place(order_[i - 1])) clusters_.push_back({i, i, 0});
      clusters_.back().end = i + 1;
    }
    std::vector<std::uint64_t> strata;
    for (const auto stratum : records.stratum) {
      if (stratum >= strata.size()) strata.resize(stratum + 1);
      ++strata[stratum];
    }
    for (const auto& sizes : part_sizes(strata, shares)) needs_.emplace_back(sizes.begin(), sizes.end());
    for (const auto& need : needs_) deficits_.push_back(std::accumulate(need.begin(), need.end(), std::int64_t{0}));
  }

  std::vector<std::uint8_t> choose() {
    for (auto& cluster : clusters_) take_where_all_fit(cluster);
    for (std::size_t part = 0; part < parts_; ++part) fill(part);
    std::vector<std::uint8_t> chosen(order_.size());
    for (const auto& cluster : clusters_) {
      for (std::size_t i = cluster.begin; i < cluster.end; ++i) chosen[order_[i]] = cluster.part;
    }
    return chosen;
  }

 private:
  std::map<std::uint32_t, std::int64_t> strata_of(const Cluster& cluster) const {
    std::map<std::uint32_t, std::int64_t> counts;
    for (std::size_t i = cluster.begin; i < cluster.end; ++i) ++counts[records_.stratum[order_[i]]];
    return counts;
  }

  void take(Cluster& cluster, std::size_t part) {
    for (const auto& [stratum, count] : strata_of(cluster)) needs_[part][stratum] -= count;
    deficits_[part] -= static_cast<std::int64_t>(cluster.size());
    cluster.part = static_cast<std::uint8_t>(part + 1);
  }

  void take_where_all_fit(Cluster& cluster) {
    const auto counts = strata_of(cluster);
    for (std::size_t part = 0; part < parts_; ++part) {
      const bool fits = std::all_of(counts.begin(), counts.end(),
                                    [&](const auto& one) { return needs_[part][one.first] >= one.second; });
      if (fits) return take(cluster, part);
    }
  }

  /// By how much taking it brings the strata nearer to their numbers.
  std::int64_t gain(const Cluster& cluster, std::size_t part) const {
    std::int64_t gain = 0;
    for (const auto& [stratum, count] : strata_of(cluster)) {
      gain += std::abs(needs_[part][stratum]) - std::abs(needs_[part][stratum] - count);
    }
    return gain;
  }

  /// What clusters that fit no stratum have left open: first those that help a stratum, then any.
  void fill(std::size_t part) {
    for (const bool helps : {true, false}) {
      for (auto& cluster : clusters_) {
        if (deficits_[part] <= 0) return;
        const auto size = static_cast<std::int64_t>(cluster.size());
        if (cluster.part == 0 && size <= deficits_[part] && (!helps || gain(cluster, part) > 0)) take(cluster, part);
      }
    }
    auto* smallest = static_cast<Cluster*>(nullptr);
    for (auto& cluster : clusters_) {
      if (cluster.part == 0 && (smallest == nullptr || cluster.size() < smallest->size())) smallest = &cluster;
    }
    const bool is_nearer = smallest != nullptr && static_cast<std::int64_t>(smallest->size()) < 2 * deficits_[part];
    if (is_nearer) take(*smallest, part);
  }

  const SplitRecords& records_;
  std::vector<std::uint64_t> order_;
  std::size_t parts_;
  std::vector<Cluster> clusters_;
  std::vector<std::vector<std::int64_t>> needs_;  ///< of each part: of each stratum; below 0 where it has too many
  std::vector<std::int64_t> deficits_;            ///< of each part
};

}  // namespace

std::vector<std::vector<std::uint64_t>> part_sizes(std::span<const std::uint64_t> stratum_sizes,
                                                   std::span<const double> shares) {
  const auto total = std::accumulate(stratum_sizes.begin(), stratum_sizes.end(), std::uint64_t{0});
  std::vector<std::uint64_t> left(stratum_sizes.begin(), stratum_sizes.end());
  std::vector<std::vector<std::uint64_t>> sizes;
  for (const double share : shares) {
    auto& part = sizes.emplace_back();
    std::vector<std::pair<double, std::size_t>> cut_off;
    for (std::size_t s = 0; s < stratum_sizes.size(); ++s) {
      const double exact = static_cast<double>(stratum_sizes[s]) * share;
      // What is a whole number but for rounding is one.
      const double down = std::min(std::floor(exact + 1e-9), static_cast<double>(left[s]));
      part.push_back(static_cast<std::uint64_t>(down));
      cut_off.emplace_back(down - exact, s);
    }
    std::sort(cut_off.begin(), cut_off.end());
    auto missing = std::llround(static_cast<double>(total) * share) -
                   static_cast<std::int64_t>(std::accumulate(part.begin(), part.end(), std::uint64_t{0}));
    for (const auto& [negated, s] : cut_off) {
      if (missing <= 0) break;
      if (part[s] >= left[s]) continue;
      ++part[s];
      --missing;
    }
    for (std::size_t s = 0; s < left.size(); ++s) left[s] -= part[s];
  }
  return sizes;
}

std::vector<std::uint8_t> choose_parts(const SplitRecords& records, std::span<const double> shares) {
  return Chooser(records, shares).choose();
}

}  // namespace farpoint::jobs
