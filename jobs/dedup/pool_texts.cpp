// SPDX-License-Identifier: Apache-2.0
#include "pool_texts.hpp"

#include <algorithm>

namespace farpoint::jobs {

using namespace pipeline;

void for_each_compared_shard(PoolPass& pass, Against against, const std::function<void(const Shard&)>& visit) {
  pass.for_each_shard(Population::pool, visit);
  if (against == Against::curated) pass.for_each_shard(Population::curated, visit);
}

void PoolTexts::visit(std::span<const std::uint64_t> ascending_ids,
                      const std::function<void(std::size_t index, std::string_view text)>& visit) {
  // Curated records have the higher ids, and their shards come last.
  auto next = ascending_ids.begin();
  for_each_compared_shard(pass_, options_.against, [&](const Shard& shard) {
    const auto ids = shard.ids();
    if (next == ascending_ids.end() || ids.empty() || dedup_id(shard.population(), ids.back()) < *next) return;
    shard.for_each_record([&](std::size_t row, const corpus::Record& record) {
      if (next == ascending_ids.end() || dedup_id(shard.population(), ids[row]) != *next) return;
      visit(static_cast<std::size_t>(next - ascending_ids.begin()), corpus::view(record, options_.text));
      ++next;
    });
  });
}

}  // namespace farpoint::jobs
