// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"

namespace farpoint::jobs {

struct ReportOptions {
  std::string path = "report.html";
  std::string vectors;  ///< empty behind checked() only where there is no vector column
  std::vector<std::string> by;
  std::uint64_t points = 3000;
  std::uint64_t examples = 8;

  static pipeline::Fields<ReportOptions> fields();
};

/// Fills in what follows from the pipeline: the vectors that the selection works on, else the first ones, and the label
/// of its quota. Throws ConfigError where they cannot be had.
ReportOptions checked(ReportOptions options, const pipeline::Node& where, const pipeline::JobSetup& setup);

}  // namespace farpoint::jobs
