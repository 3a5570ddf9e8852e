// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// Data selection by importance resampling (Xie et al. 2023, "Data Selection for Language Models via Importance
/// Resampling"). The features are counted by text::HashedNgrams.
namespace farpoint::score {

/// The log importance weight of one occurrence of each feature, ln p_b - ln q_b, with
///     p_b = (target_b + 1) / (sum of target + B)      q_b = (raw_b + 1) / (sum of raw + B)
/// for B features: the maximum-likelihood estimates of section 4, smoothed by adding one (Laplace) so that no feature
/// is impossible. A record's log weight is the sum over its occurrences. As many counts in `target` as in `raw`, of all
/// ranks together (Error otherwise). The same bits on every machine.
std::vector<double> log_ratios(std::span<const std::uint64_t> target, std::span<const std::uint64_t> raw);

/// log_weight + G, with G = -ln(-ln u) drawn from the standard Gumbel distribution by a u that depends on (seed, id)
/// alone. The records with the k largest keys, the lowest id on ties, are k draws without replacement with
/// probabilities in proportion to exp(log_weight), the largest key first (Gumbel top-k: Kool et al. 2019, "Stochastic
/// Beams and Where to Find Them", appendix A; section 3 of the paper above). NaN for NaN. The same bits on every
/// machine.
double gumbel_key(double log_weight, std::uint64_t seed, std::uint64_t id);

}  // namespace farpoint::score
