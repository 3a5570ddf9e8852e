// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace farpoint::pipeline {

/// True when the shard file at `path` is there, undamaged (everything is read and checked), and was made from what
/// `key` stands for, as its attribute "key" says: what is in it need not be made again. Throws Error only when a file
/// is there but may not be read.
bool is_kept(const std::filesystem::path& path, const std::string& key);

}  // namespace farpoint::pipeline
