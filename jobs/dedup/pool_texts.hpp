// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/pool_texts.hpp: this rank's records, one shard after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "farpoint/dedup/edges.hpp"
#include "farpoint/dedup/near.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// Ids as the layer dedup knows them.
inline std::uint64_t dedup_id(pipeline::Population population, std::uint64_t id) {
  return population == pipeline::Population::pool ? id : id | dedup::curated_bit;
}

/// Calls visit(shard) for this rank's shards: the pool's, then those of the curated records where they take part.
void for_each_compared_shard(pipeline::PoolPass& pass, Against against,
                             const std::function<void(const pipeline::Shard&)>& visit);

/// The texts of this rank's records, read again from their shards.
class PoolTexts final : public dedup::TextSource {
 public:
  PoolTexts(pipeline::PoolPass& pass, const DedupOptions& options) : pass_(pass), options_(options) {}

  void visit(std::span<const std::uint64_t> ascending_ids,
             const std::function<void(std::size_t index, std::string_view text)>& visit) override;

 private:
  pipeline::PoolPass& pass_;
  const DedupOptions& options_;
};

}  // namespace farpoint::jobs
