// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace farpoint::corpus {

/// The file that `pattern` names, or else those that it matches as a glob, sorted bytewise. A relative pattern is
/// relative to `base`; "~" is a name like others. A whole component `**` stands for any number of folders, none
/// included, but for links to folders and for names that begin with a dot; with it, folders that match are passed over.
/// Throws UsageError naming the pattern when there is no file, one that is not a regular file, or a folder that cannot
/// be searched.
std::vector<std::filesystem::path> find_files(const std::string& pattern, const std::filesystem::path& base);

}  // namespace farpoint::corpus
