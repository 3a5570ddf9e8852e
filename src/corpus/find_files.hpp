// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace farpoint::corpus {

/// The file that `pattern` names, or else those that it matches as a glob, sorted bytewise. A relative pattern is
/// relative to `base`; "~" is a name like others. Throws UsageError naming the pattern when there is no file, or one
/// that is not a regular file.
std::vector<std::filesystem::path> find_files(const std::string& pattern, const std::filesystem::path& base);

}  // namespace farpoint::corpus
