// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/pipeline/stage_data.hpp"

namespace farpoint::pipeline {

/// Where the rejects of one stage lie: its shard files, or one file of a collective job.
struct RejectFiles {
  std::string stage;  ///< as it is named in rejects.jsonl: the job
  std::vector<std::pair<Population, std::filesystem::path>> files;
};

/// Writes rejects.jsonl from the stages' files, in order of stage and id. One file in memory at a time.
void write_rejects(const std::filesystem::path& path, const Data& data, const std::vector<RejectFiles>& stages);

}  // namespace farpoint::pipeline
