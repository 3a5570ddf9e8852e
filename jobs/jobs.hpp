// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// Every job of this version, by name.
pipeline::JobTypes all_jobs();
/// The one that `farpoint report` runs for a finished run.
pipeline::JobType report_job();

}  // namespace farpoint::jobs
