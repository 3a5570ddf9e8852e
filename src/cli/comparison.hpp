// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "compared_run.hpp"

namespace farpoint::cli {

/// How two or more runs differ: the data of the page "compare" (docs/formats.md, "Data of reports"). Reads texts of
/// some records that only one run has chosen.
Json compare_runs(const std::vector<ComparedRun>& runs, const std::vector<std::filesystem::path>& folders);

}  // namespace farpoint::cli
