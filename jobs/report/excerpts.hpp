// SPDX-License-Identifier: Apache-2.0
// jobs/report/excerpts.hpp: what the report shows of single records.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "json_number.hpp"

namespace farpoint::jobs {

using Json = nlohmann::ordered_json;

struct Excerpt {
  std::uint64_t id = 0;
  std::string source;
  std::string text;           ///< of the full view, its beginning
  std::vector<float> vector;  ///< where it was asked for

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& id& source& text& vector;
  }
};
using Excerpts = std::map<std::uint64_t, Excerpt>;

struct Wanted {
  std::uint32_t characters = 0;  ///< at most so many of its text
  bool vector = false;
};

/// Those of the wanted records that are left in the pipeline, on rank 0; elsewhere nothing. `wanted` is rank 0's, by
/// id; `vectors` may be empty. Reads the shards that hold any. Collective.
Excerpts gather_excerpts(pipeline::JobContext& context, std::map<std::uint64_t, Wanted> wanted,
                         const std::string& vectors);

/// {"id", "source", "text"}; of a record that is not there its id alone.
Json to_json(const Excerpts& excerpts, std::uint64_t id);

}  // namespace farpoint::jobs
