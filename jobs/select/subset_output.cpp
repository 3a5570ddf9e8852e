// SPDX-License-Identifier: Apache-2.0
#include "subset_output.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
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
std::vector<Item> collect(JobContext& context, const SubsetContent& content, const std::vector<std::string>& scalars) {
  std::unordered_map<std::uint64_t, std::uint64_t> positions;
  const auto& chosen = content.chosen.ids;
  for (std::size_t i = 0; i < chosen.size(); ++i) positions.emplace(chosen[i], i);
  const auto& candidates = content.candidates;
  select::RowBlock block(candidates.vectors(), 1);
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
      if (candidates.width > 0) {
        const auto at = std::lower_bound(candidates.ids.begin(), candidates.ids.end(), ids[row]);
        const float* const vector = block.load_range(static_cast<std::size_t>(at - candidates.ids.begin()), 1)[0];
        item.vector.assign(vector, vector + candidates.width);
      }
      items.push_back(std::move(item));
    }
  });
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.position < b.position; });
  return items;
}

void append(store::TableWriter& table, const std::vector<Item>& block, const std::vector<std::string>& scalars,
            const SubsetContent& content) {
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
  const auto width = content.candidates.width;
  if (width > 0) table.append({"vectors/" + content.options.vectors, std::move(vectors), width});
}

/// Blocks of chosen records, in order of choice, from all ranks to rank 0.
void write_records(JobContext& context, const SubsetContent& content, store::TableWriter* table) {
  const auto scalars = scalar_columns(context);
  const auto mine = collect(context, content, scalars);
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
      append(*table, block, scalars, content);
    }
    begin = end;
  } while (begin < content.chosen.ids.size());
}

/// A candidate and what stands for it.
struct Represented {
  std::uint64_t id = 0;
  std::uint64_t representative = 0;
  double distance = 0;
};

/// The nearest chosen record of every candidate, in order of id, by ranges of ids.
void write_pool(JobContext& context, const SubsetContent& content, store::TableWriter* table) {
  const auto& ids = content.candidates.ids;
  const auto& assignment = *content.assignment;
  for (std::uint64_t begin = 0; begin < context.pool_records(); begin += block_ids) {
    const auto first = std::lower_bound(ids.begin(), ids.end(), begin) - ids.begin();
    const auto last = std::lower_bound(ids.begin(), ids.end(), begin + block_ids) - ids.begin();
    std::vector<Represented> mine;
    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
      mine.push_back({ids[i], assignment.representatives[i],
                      select::shown_distance(content.options.metric, assignment.values[i])});
    }
    auto all = comm::gather<Represented>(context.comm(), mine).data;
    if (table == nullptr) continue;
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    std::vector<std::uint64_t> block, representatives;
    std::vector<double> distances;
    for (const auto& one : all) {
      block.push_back(one.id);
      representatives.push_back(one.representative);
      distances.push_back(one.distance);
    }
    table->append({"pool/id", std::move(block)});
    table->append({"pool/representative", std::move(representatives)});
    table->append({"pool/distance", std::move(distances)});
  }
}

/// The other direction: the candidates that each chosen record stands for.
void write_members(JobContext& context, const SubsetContent& content, store::TableWriter* table) {
  const auto& assignment = *content.assignment;
  std::vector<std::uint64_t> offsets{0};
  for (const auto weight : assignment.weights) offsets.push_back(offsets.back() + weight);
  if (table != nullptr) {
    table->append({"members/offset", std::move(offsets)});
    table->append({"members/id", std::vector<std::uint64_t>()});
  }
  select::for_each_member_block(context.comm(), content.candidates.ids, assignment.representatives, content.chosen.ids,
                                block_ids, [&](std::span<const select::Member> members) {
                                  std::vector<std::uint64_t> ids;
                                  for (const auto& member : members) ids.push_back(member.id);
                                  table->append({"members/id", std::move(ids)});
                                });
}

void write_curve(const std::vector<select::CurvePoint>& curve, store::TableWriter& table) {
  if (curve.empty()) return;
  std::vector<std::uint64_t> records;
  std::vector<double> mean, p95, max;
  for (const auto& point : curve) {
    records.push_back(point.records);
    mean.push_back(point.mean);
    p95.push_back(point.p95);
    max.push_back(point.max);
  }
  table.append({"curve/records", std::move(records)});
  table.append({"curve/mean", std::move(mean)});
  table.append({"curve/p95", std::move(p95)});
  table.append({"curve/max", std::move(max)});
}

void set_attributes(store::TableWriter& table, const JobContext& context, const SubsetContent& content) {
  table.set("farpoint_version", std::string(version));
  table.set("format_version", format_version);
  table.set("config", context.resolved_config());
  table.set("pool_sha", context.pool_hash());
  table.set("method", std::string(Codec<Method>::name_of(content.options.method)));
  table.set("exactness", std::string(content.chosen.is_approximate ? "approximate" : "exact"));
  if (content.chosen.radius) table.set("radius", *content.chosen.radius);
  for (const auto& [name, value] : content.chosen.facts) table.set(name, value);
  table.set("created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
}

/// What the method says of each choice.
void write_choices(const SubsetContent& content, store::TableWriter& table) {
  const auto& chosen = content.chosen;
  table.append({"id", chosen.ids});
  const bool has_distances = content.options.method == Method::k_center || content.options.ends_by_itself() ||
                             content.options.method == Method::target;
  if (has_distances) table.append({"distance", chosen.distances});
  if (!chosen.gains.empty()) table.append({"gain", chosen.gains});
  if (content.options.method == Method::target) table.append({"target", chosen.targets});
}

}  // namespace

void write_subset(JobContext& context, const SubsetContent& content) {
  std::unique_ptr<store::TableWriter> table;
  if (context.comm().rank() == 0) {
    table = std::make_unique<store::TableWriter>(context.run_folder() / "subset.h5");
    set_attributes(*table, context, content);
    write_choices(content, *table);
    write_curve(content.curve, *table);
  }
  write_records(context, content, table.get());
  if (content.assignment != nullptr) {
    if (table) table->append({"weight", content.assignment->weights});
    write_pool(context, content, table.get());
    write_members(context, content, table.get());
  }
  if (table) table->commit();
}

}  // namespace farpoint::jobs
