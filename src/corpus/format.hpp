// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

/// By the name's ending, else by the first bytes: no format read here begins like compressed data. Throws Error when
/// the file cannot be read.
Compression resolve_compression(const std::filesystem::path& path);

/// `wanted`, or for `automatic` the format by the name and then the content. Opens the file in any case: throws Error
/// when it cannot be read, UsageError naming the supported formats when none fits.
Format resolve_format(const std::filesystem::path& path, Compression compression, Format wanted);

}  // namespace farpoint::corpus
