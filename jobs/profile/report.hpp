// SPDX-License-Identifier: Apache-2.0
// jobs/profile/report.hpp: profile.json (docs/profile.md).
#pragma once

#include <string>
#include <vector>

#include "corpus_state.hpp"
#include "options.hpp"
#include "stage_effects.hpp"

namespace farpoint::jobs {

/// `sources`: names, in the order of the lists in states and stages. The same values give the same bytes.
std::string profile_json(const ProfileOptions& options, const std::vector<std::string>& sources,
                         const std::vector<CorpusState>& states, const std::vector<StageEffects>& stages);

}  // namespace farpoint::jobs
