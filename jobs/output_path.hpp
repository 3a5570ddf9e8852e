// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "farpoint/pipeline/config.hpp"

namespace farpoint::jobs {

/// The path of a file in the run's folder in its normal form. Throws ConfigError at `place`, naming `option`, when it
/// names a folder or belongs to the run itself.
std::string checked_output(const std::string& option, const std::string& path, const pipeline::Place& place,
                           const pipeline::Config& config);

}  // namespace farpoint::jobs
