// SPDX-License-Identifier: Apache-2.0
#include "pool_texts.hpp"

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
    std::vector<std::size_t> rows;
    const auto first = static_cast<std::size_t>(next - ascending_ids.begin());
    for (std::size_t row = 0; row < ids.size() && next != ascending_ids.end(); ++row) {
      if (dedup_id(shard.population(), ids[row]) != *next) continue;
      rows.push_back(row);
      ++next;
    }
    auto index = first;
    std::string text;
    shard.for_records(rows, [&](std::size_t, const corpus::Record& record) {
      text.clear();
      corpus::append_view(record, options_.text, text);
      visit(index++, text);
    });
  });
}

}  // namespace farpoint::jobs
