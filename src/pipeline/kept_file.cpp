// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/kept_file.hpp"

#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

bool is_kept(const std::filesystem::path& path, const std::string& key) {
  const auto attributes = store::intact_shard(path);
  if (!attributes) return false;
  const auto found = attributes->find("key");
  return found != attributes->end() && found->second == key;
}

}  // namespace farpoint::pipeline
