// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace farpoint::cli {

/// Writes a corpus of `records` lines of about 1 KB, the same bytes on every machine: English-like texts whose words
/// follow Zipf's law, a tenth of them an earlier record with a few words changed. Throws Error when the file cannot be
/// written.
void write_bench_corpus(const std::filesystem::path& path, std::uint64_t records);

}  // namespace farpoint::cli
