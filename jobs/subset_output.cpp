// SPDX-License-Identifier: Apache-2.0
#include "subset_output.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <cmath>
#include <ctime>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>

#include "farpoint/base/version.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/store/table_file.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

constexpr std::uint64_t format_version = 1;
constexpr std::size_t block_picks = 4096;
constexpr std::uint64_t block_ids = 1U << 20;

/// A chosen record on its way to rank 0.
struct Item {
  std::uint64_t position = 0;  ///< in the order of choice
  std::string record;
  std::string source;
  std::uint32_t source_index = 0;
  std::vector<double> scores;
  std::vector<float> vector;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& position& record& source& source_index& scores& vector;
  }
};

std::vector<std::string> scalar_columns(const JobContext& context) {
  std::vector<std::string> names;
  for (const auto& column : context.columns()) {
    if (column.kind == ColumnSpec::Kind::scalar) names.push_back(column.name);
  }
  return names;
}

/// This rank's chosen records in order of choice.
std::vector<Item> collect(JobContext& context, const Chosen& chosen, const std::vector<std::string>& scalars) {
  std::unordered_map<std::uint64_t, std::uint64_t> positions;
  for (std::size_t i = 0; i < chosen.ids.size(); ++i) positions.emplace(chosen.ids[i], i);
  std::vector<Item> items;
  context.for_each_shard(Population::pool, [&](const Shard& shard) {
    const auto ids = shard.ids();
    std::optional<store::Strings> sources;  // loaded only for shards with a chosen record
    for (std::size_t row = 0; row < ids.size(); ++row) {
      const auto found = positions.find(ids[row]);
      if (found == positions.end()) continue;
      if (!sources) sources = shard.source_names();
      Item item{
          found->second, std::string(shard.records()[row]), std::string((*sources)[row]), shard.sources()[row], {}, {}};
      for (const auto& name : scalars) item.scores.push_back(shard.column(name).as<std::vector<double>>()[row]);
      if (chosen.width > 0) {
        const auto at = std::lower_bound(chosen.candidate_ids.begin(), chosen.candidate_ids.end(), ids[row]);
        const auto begin =
            chosen.vectors.begin() + (at - chosen.candidate_ids.begin()) * static_cast<std::ptrdiff_t>(chosen.width);
        item.vector.assign(begin, begin + static_cast<std::ptrdiff_t>(chosen.width));
      }
      items.push_back(std::move(item));
    }
  });
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.position < b.position; });
  return items;
}

void append(store::TableWriter& table, const std::vector<Item>& block, const std::vector<std::string>& scalars,
            const Chosen& chosen) {
  store::Strings records, sources;
  std::vector<std::uint32_t> source_indices;
  std::vector<std::vector<double>> scores(scalars.size());
  std::vector<float> vectors;
  for (const auto& item : block) {
    records.push_back(item.record);
    sources.push_back(item.source);
    source_indices.push_back(item.source_index);
    for (std::size_t s = 0; s < scalars.size(); ++s) scores[s].push_back(item.scores[s]);
    vectors.insert(vectors.end(), item.vector.begin(), item.vector.end());
  }
  table.append({"record", std::move(records)});
  table.append({"source", std::move(sources)});
  table.append({"source_index", std::move(source_indices)});
  for (std::size_t s = 0; s < scalars.size(); ++s) table.append({"scores/" + scalars[s], std::move(scores[s])});
  if (chosen.width > 0) table.append({"vectors/" + chosen.vectors_name, std::move(vectors), chosen.width});
}

/// Blocks of chosen records, in order of choice, from all ranks to rank 0.
void write_records(JobContext& context, const Chosen& chosen, store::TableWriter* table) {
  const auto scalars = scalar_columns(context);
  const auto mine = collect(context, chosen, scalars);
  auto next = mine.begin();
  std::size_t begin = 0;
  do {
    const auto end = begin + block_picks;
    const auto last = std::find_if(next, mine.end(), [&](const Item& item) { return item.position >= end; });
    auto pieces = comm::gather_objects(context.comm(), std::vector<Item>(next, last), 0);
    next = last;
    if (table != nullptr) {
      std::vector<Item> block;
      for (auto& piece : pieces) std::move(piece.begin(), piece.end(), std::back_inserter(block));
      std::sort(block.begin(), block.end(), [](const Item& a, const Item& b) { return a.position < b.position; });
      append(*table, block, scalars, chosen);
    }
    begin = end;
  } while (begin < chosen.ids.size());
}

/// The nearest chosen record of every candidate, in order of id, by ranges of ids.
void write_pool(JobContext& context, const Chosen& chosen, store::TableWriter* table) {
  using Pair = std::pair<std::uint64_t, std::uint64_t>;  // id, representative
  const auto& ids = chosen.candidate_ids;
  for (std::uint64_t begin = 0; begin < context.pool_records(); begin += block_ids) {
    const auto first = std::lower_bound(ids.begin(), ids.end(), begin) - ids.begin();
    const auto last = std::lower_bound(ids.begin(), ids.end(), begin + block_ids) - ids.begin();
    std::vector<std::uint64_t> flat;
    for (auto i = first; i < last; ++i) {
      flat.push_back(ids[static_cast<std::size_t>(i)]);
      flat.push_back(chosen.representatives[static_cast<std::size_t>(i)]);
    }
    const auto all = comm::gather<std::uint64_t>(context.comm(), flat).data;
    if (table == nullptr) continue;
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < all.size(); i += 2) pairs.emplace_back(all[i], all[i + 1]);
    std::sort(pairs.begin(), pairs.end());
    std::vector<std::uint64_t> block_of_ids, representatives;
    for (const auto& [id, representative] : pairs) {
      block_of_ids.push_back(id);
      representatives.push_back(representative);
    }
    table->append({"pool/id", std::move(block_of_ids)});
    table->append({"pool/representative", std::move(representatives)});
  }
}

void set_attributes(store::TableWriter& table, const JobContext& context, const Chosen& chosen) {
  table.set("farpoint_version", std::string(version));
  table.set("format_version", format_version);
  table.set("config", context.resolved_config());
  table.set("pool_sha", context.pool_hash());
  table.set("method", chosen.method);
  if (!std::isnan(chosen.radius)) table.set("radius", chosen.radius);
  table.set("created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
}

}  // namespace

void write_subset(JobContext& context, const Chosen& chosen) {
  std::unique_ptr<store::TableWriter> table;
  if (context.comm().rank() == 0) {
    table = std::make_unique<store::TableWriter>(context.run_folder() / "subset.h5");
    set_attributes(*table, context, chosen);
    table->append({"id", chosen.ids});
    if (!chosen.distances.empty() || chosen.ids.empty()) table->append({"distance", chosen.distances});
  }
  write_records(context, chosen, table.get());
  if (chosen.assigned) {
    if (table) table->append({"weight", chosen.weights});
    write_pool(context, chosen, table.get());
  }
  if (table) table->commit();
}

}  // namespace farpoint::jobs
