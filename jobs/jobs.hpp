// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// Every job of this version, by name.
pipeline::JobTypes all_jobs();

}  // namespace farpoint::jobs
