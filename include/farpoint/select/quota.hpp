// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "farpoint/select/budget.hpp"

namespace farpoint::select {

/// What is asked of one label.
struct LabelQuota {
  std::string name;              ///< for messages
  std::uint64_t candidates = 0;  ///< records that have the label, over all ranks
  std::optional<std::uint64_t> least;
  std::optional<std::uint64_t> most;
  std::optional<double> share;  ///< of the chosen records, from 0 to 1
};

struct Quotas {
  std::vector<Limits::OfLabel> labels;  ///< for Limits::labels
  std::vector<std::size_t> unmet;       ///< labels with fewer candidates than their least, to warn of
};

/// Limits by label from what is asked of `labels`, in their order; a pure function. Labels without `least` and `most`
/// are not limited.
///
/// With any `share`, or with a `temperature`, each label gets an allotment, which becomes its most, and they sum to
/// `records` where there are as many candidates. Labels weigh as follows: those with a share by their share; the others
/// divide what shares leave in proportion to candidates^(1 / temperature), the sampling of multilingual corpora
/// (Conneau & Lample 2019; Arivazhagan et al. 2019): 1, which holds where none is given, is in proportion, infinity is
/// uniform. No label gets more than its candidates and its most, or less than its least, and the others then divide the
/// rest by their weights: allotment = clamp(level * weight, least, min(most, candidates)), with the level at which the
/// sum fits. Fractions go to the largest remainders, the lowest index on ties.
///
/// Throws UsageError, naming the label and the numbers: for a share outside of [0, 1] or shares above 1 in sum, a least
/// above the most, leasts above `records` in sum, a temperature that is not above 0, and shares or a temperature
/// without `records`. A least above the candidates is lowered to them and reported.
Quotas make_quotas(std::span<const LabelQuota> labels, std::optional<std::uint64_t> records,
                   std::optional<double> temperature = {});

}  // namespace farpoint::select
