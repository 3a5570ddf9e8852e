// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/pipeline/plan.hpp"

namespace farpoint::pipeline {

/// True when `job` can treat the records of a population other than the pool: it is made for it, there are some, and
/// they have texts if it reads texts.
bool can_treat(const Job& job, Population population, const std::vector<corpus::SourceSpec>& sources);

/// Decides which jobs make shards of the curated and of the labelled records (PlannedJob::treats): of those that can,
/// the ones whose columns reach a job that uses these records, and the ones that change texts. All that can, where
/// no job uses these records, for then they are listed for the sake of the columns themselves; and where `is_whole` is
/// false: what the plan lacks might use them.
void settle_populations(Plan& plan, const CorpusOptions& corpus, bool is_whole);

}  // namespace farpoint::pipeline
