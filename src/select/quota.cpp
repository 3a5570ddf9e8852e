// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/quota.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "farpoint/base/error.hpp"

namespace farpoint::select {

namespace {

/// A label on its way to an allotment.
struct Part {
  double weight = 0;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t allotment = 0;
  bool is_fixed = false;
};

/// The same for every order of the summands.
double sum_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double sum_of_shares(std::span<const LabelQuota> labels) {
  std::vector<double> shares;
  for (const auto& label : labels) shares.push_back(label.share.value_or(0));
  return sum_of(std::move(shares));
}

void check_label(const LabelQuota& label) {
  if (label.share && !(*label.share >= 0 && *label.share <= 1)) {
    throw UsageError(fmt::format("the share of the label '{}' lies from 0 to 1, not at {}", label.name, *label.share));
  }
  if (label.least.value_or(0) > label.most.value_or(Limits::no_limit)) {
    throw UsageError(fmt::format("the label '{}' has a minimum of {}, above its maximum of {}", label.name,
                                 *label.least, *label.most));
  }
}

/// As decimal fractions that sum to 1 may not do so in binary.
constexpr double rounding = 1e-9;

void check_sums(std::span<const LabelQuota> labels, std::optional<std::uint64_t> records) {
  const double shares = sum_of_shares(labels);
  if (shares > 1 + rounding) throw UsageError(fmt::format("the shares of the labels sum to {}, above 1", shares));
  if (!records) return;
  std::uint64_t left = *records;
  for (const auto& label : labels) {
    const std::uint64_t least = label.least.value_or(0);
    if (least > left) {
      throw UsageError(
          fmt::format("the minima of the labels sum to more than the {} records that are to be chosen: "
                      "those before '{}' leave {} of its {}",
                      *records, label.name, left, least));
    }
    left -= least;
  }
}

void check_temperature(std::optional<double> temperature) {
  if (temperature && !(*temperature > 0)) {
    throw UsageError(fmt::format("the temperature of quotas lies above 0, not at {}", *temperature));
  }
}

std::vector<double> weights_of(std::span<const LabelQuota> labels, double temperature) {
  std::uint64_t most_candidates = 1;
  for (const auto& label : labels) {
    if (!label.share) most_candidates = std::max(most_candidates, label.candidates);
  }
  std::vector<double> weights;
  std::vector<double> unnamed;
  for (const auto& label : labels) {
    // Relative to the most frequent, so that no power overflows; and never nothing, for there may be room.
    constexpr double tiny = 1e-200;
    const double ratio = static_cast<double>(label.candidates) / static_cast<double>(most_candidates);
    const double frequency = label.candidates == 0 ? 0 : std::max(std::pow(ratio, 1 / temperature), tiny);
    weights.push_back(label.share.value_or(frequency));
    if (!label.share) unnamed.push_back(frequency);
  }
  const double rest = std::max(0.0, 1 - sum_of_shares(labels));
  const double all_unnamed = sum_of(std::move(unnamed));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].share) weights[i] = all_unnamed > 0 ? weights[i] / all_unnamed * (rest > rounding ? rest : 0) : 0;
  }
  return weights;
}

std::uint64_t sum_of(std::span<const Part> parts, const std::function<std::uint64_t(const Part&)>& number) {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const Part& part) { return sum + number(part); });
}

void fix(Part& part, std::uint64_t allotment) {
  part.allotment = allotment;
  part.is_fixed = true;
}

/// What a weight of 1 gets when the parts that are not fixed divide the rest of `records`; negative when none of them
/// weighs anything.
double level_of(std::span<const Part> parts, std::uint64_t records) {
  std::vector<double> weights;
  for (const Part& part : parts) {
    if (!part.is_fixed) weights.push_back(part.weight);
  }
  const double weight = sum_of(std::move(weights));
  const std::uint64_t spent = sum_of(parts, [](const Part& part) { return part.is_fixed ? part.allotment : 0; });
  if (!(weight > 0)) return -1;
  return static_cast<double>(records - std::min(records, spent)) / weight;
}

/// Fixes the parts at their least or most until no other part would go beyond its own; returns the level of the others.
/// As in the layout of flexible boxes (CSS Flexible Box Layout, section 9.7): those whose corrections are the larger in
/// sum are right for good.
double fix_bounded(std::span<Part> parts, std::uint64_t records) {
  while (true) {
    const double level = level_of(parts, records);
    std::vector<double> raised;
    std::vector<double> lowered;
    for (const Part& part : parts) {
      if (part.is_fixed) continue;
      const double wish = level * part.weight;
      if (wish < static_cast<double>(part.least)) raised.push_back(static_cast<double>(part.least) - wish);
      if (wish > static_cast<double>(part.most)) lowered.push_back(wish - static_cast<double>(part.most));
    }
    if (raised.empty() && lowered.empty()) return level;
    const bool fix_raised = sum_of(raised) >= sum_of(lowered);
    for (Part& part : parts) {
      if (part.is_fixed) continue;
      const double wish = level * part.weight;
      if (fix_raised && wish < static_cast<double>(part.least)) fix(part, part.least);
      if (!fix_raised && wish > static_cast<double>(part.most)) fix(part, part.most);
    }
  }
}

/// Whole numbers from level * weight, by largest remainders.
void round_others(std::span<Part> parts, std::uint64_t records, double level) {
  struct Remainder {
    double fraction;
    std::size_t place;
  };
  std::vector<Remainder> remainders;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].is_fixed) continue;
    const double wish = level * parts[i].weight;
    parts[i].allotment = std::min(parts[i].most, static_cast<std::uint64_t>(wish));
    remainders.push_back({wish - std::floor(wish), i});
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const Remainder& a, const Remainder& b) { return a.fraction > b.fraction; });
  std::uint64_t spent = sum_of(parts, [](const Part& part) { return part.allotment; });
  for (const Remainder& remainder : remainders) {
    Part& part = parts[remainder.place];
    if (spent >= records) return;
    if (part.allotment >= part.most || part.weight == 0) continue;
    ++part.allotment;
    ++spent;
  }
}

void allot(std::span<Part> parts, std::uint64_t records) {
  for (Part& part : parts) {
    if (part.weight == 0) fix(part, part.least);
  }
  const std::uint64_t room = sum_of(parts, [](const Part& part) { return part.is_fixed ? part.least : part.most; });
  if (room <= records) {
    for (Part& part : parts) {
      if (!part.is_fixed) fix(part, part.most);
    }
    return;
  }
  round_others(parts, records, fix_bounded(parts, records));
}

}  // namespace

Quotas make_quotas(std::span<const LabelQuota> labels, std::optional<std::uint64_t> records,
                   std::optional<double> temperature) {
  std::for_each(labels.begin(), labels.end(), check_label);
  check_sums(labels, records);
  check_temperature(temperature);
  const bool allots = temperature || std::any_of(labels.begin(), labels.end(), [](const auto& l) { return l.share; });
  if (allots && !records) {
    throw UsageError(
        "quotas by share or temperature divide a number of records: set the budget to records or a fraction, beside "
        "any other limit, or use minima and maxima by label");
  }

  Quotas quotas;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& label = labels[i];
    const std::uint64_t least = label.least.value_or(0);
    if (least > label.candidates) quotas.unmet.push_back(i);
    quotas.labels.push_back({std::min(least, label.candidates), label.most.value_or(Limits::no_limit)});
  }
  if (!allots) return quotas;

  const auto weights = weights_of(labels, temperature.value_or(1));
  std::vector<Part> parts(labels.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& limit = quotas.labels[i];
    parts[i] = {weights[i], limit.least, std::min(limit.most, labels[i].candidates)};
  }
  allot(parts, *records);
  for (std::size_t i = 0; i < parts.size(); ++i) quotas.labels[i].most = parts[i].allotment;
  return quotas;
}

}  // namespace farpoint::select
