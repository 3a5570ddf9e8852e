// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "farpoint/select/k_center.hpp"

namespace farpoint::select {

/// What is true of all ranks' candidates together; a rank without rows cannot see it of its own.
struct InputFacts {
  std::uint64_t rows = 0;
  bool has_scores = false;
  bool has_barred = false;
};

/// Throws UsageError for options that say nothing or nonsense. Not collective: options are the same on all ranks.
void check_options(const KCenterOptions& options);

/// Collective. Throws comm::AgreedError when any rank's candidates cannot be used: dimensions that disagree, sizes that
/// do not fit, NaN or infinity, scores that are not positive.
InputFacts agree_on_inputs(comm::Communicator& comm, const Candidates& pool, std::span<const float> curated);

/// The same of vectors alone.
inline InputFacts agree_on_inputs(comm::Communicator& comm, const Vectors& rows, std::span<const float> curated) {
  return agree_on_inputs(comm, Candidates{rows}, curated);
}

}  // namespace farpoint::select
