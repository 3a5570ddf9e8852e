// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/base/hash.hpp"
#include "farpoint/pipeline/population.hpp"
#include "farpoint/pipeline/run_folder.hpp"
#include "farpoint/store/shard_file.hpp"

/// What a finished stage says of itself: done.h5 in its folder (docs/formats.md, "Run folder"). A stage whose shards
/// are only in part those of the last run has none.
namespace farpoint::pipeline {

std::filesystem::path record_of_stage(const std::filesystem::path& folder);

/// The keys of a stage's shards, by population and shard.
using ShardKeys = ByPopulation<std::vector<Hash128>>;

/// Records that exactly these shards are in the folder. Removes shard files beyond them, which an earlier run left of a
/// larger pool, and what killed runs left unfinished. One process calls it, while nobody writes there.
void record_shards(const std::filesystem::path& folder, const ShardKeys& keys);

/// What record_shards() said; nothing when the stage is not finished or its record is damaged.
std::optional<ShardKeys> recorded_shards(const std::filesystem::path& folder);

/// Hash of a file's bytes, "" when it is not there or is a pipe or a device, which cannot be read again.
std::string content_hash(const std::filesystem::path& path);

/// The attribute that holds the hash of a file which a collective job left.
std::string output_attribute(const std::string& output);

/// True when the collective job of this record left `output` just as it lies in the run's folder now.
bool is_output_of(const store::Attributes& record, const RunFolder& folder, const std::string& output);

}  // namespace farpoint::pipeline
