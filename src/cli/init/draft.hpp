// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "survey.hpp"

namespace farpoint::cli {

/// A configuration for the sources that can be used, as YAML with comments: what was seen in them, and what might be
/// switched on for that. `output`: the file that it will be; its paths are relative to that file's folder. Throws
/// UsageError, naming each source with its trouble, when none can be used.
std::string draft_configuration(const Survey& survey, const std::filesystem::path& output);

/// Of the sources that become the pool.
std::uint64_t pool_records(const Survey& survey);
SampleCounts pool_sample(const Survey& survey);

/// A line about a source: "1,200 records, Alpaca, about 40 words each, en 98 %".
std::string describe(const SurveyedSource& source);

}  // namespace farpoint::cli
