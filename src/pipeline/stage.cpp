// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/utility.hpp>
#include <boost/serialization/vector.hpp>
#include <charconv>
#include <chrono>
#include <optional>

#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "work_shares.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::string_view counter_prefix = "counter.";

std::uint64_t number_of(const store::Attributes::value_type& attribute) {
  const auto& [name, text] = attribute;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw store::DamagedFile(
      fmt::format("'{}' of a finished piece of the run is '{}', which is no number; delete stages/ of the run's folder "
                  "and run again",
                  name, text));
}

std::uint64_t number(const store::Attributes& attributes, const std::string& name) {
  const auto entry = attributes.find(name);
  return entry == attributes.end() ? 0 : number_of(*entry);
}

bool has_key(const store::Attributes& attributes, const Hash128& key) {
  const auto entry = attributes.find("key");
  return entry != attributes.end() && entry->second == key.hex();
}

/// How many rejects a shard lists. Not all that it has removed: only those that left for a fault.
std::uint64_t listed_rejects(const ShardContent& content) {
  for (const auto& column : content.columns) {
    if (column.name == "rejects/id") return column.rows();
  }
  return 0;
}

/// What one rank's shards came to, on its way to the others.
struct RankTally {
  ByPopulation<Tally> totals;
  std::uint64_t resumed = 0;
  std::vector<std::pair<std::uint8_t, std::uint64_t>> rejecting;
  double work_seconds = 0;
  std::uint64_t made_units = 0;
  std::vector<std::pair<std::pair<std::uint8_t, std::uint64_t>, TextSizes>> sizes;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> staying;  // shard of the pool and records

  void add(const ShardTask& task, const Tally& tally, std::uint64_t listed, TextSizes texts) {
    const auto population = static_cast<std::uint8_t>(task.set->population);
    totals[index_of(task.set->population)] += tally;
    if (listed > 0) rejecting.emplace_back(population, task.shard);
    if (task.set->population == Population::pool) staying.emplace_back(task.shard, tally.out + tally.failed);
    if (!texts.empty()) sizes.emplace_back(std::pair(population, task.shard), std::move(texts));
  }
  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& totals[0] & totals[1] & totals[2] & resumed& rejecting& work_seconds& made_units& sizes& staying;
  }
};

ShardKeys keys_of(const std::vector<ShardTask>& tasks) {
  ShardKeys keys;
  for (const auto& task : tasks) {
    auto& list = keys[index_of(task.set->population)];
    list.resize(std::max(list.size(), task.shard + 1));
    list[task.shard] = task.key;
  }
  return keys;
}

StageTally join(comm::Communicator& comm, const RankTally& mine) {
  StageTally joined;
  for (const auto& rank : comm::all_gather_objects(comm, mine)) {
    for (std::size_t p = 0; p < joined.totals.size(); ++p) joined.totals[p] += rank.totals[p];
    joined.resumed += rank.resumed;
    joined.made_units += rank.made_units;
    joined.work_seconds = std::max(joined.work_seconds, rank.work_seconds);
    for (const auto& [population, shard] : rank.rejecting) {
      joined.rejecting.emplace_back(static_cast<Population>(population), shard);
    }
    for (const auto& [place, texts] : rank.sizes) {
      auto& list = joined.sizes[place.first];
      list.resize(std::max<std::size_t>(list.size(), place.second + 1));
      list[place.second] = texts;
    }
    for (const auto& [shard, records] : rank.staying) {
      joined.staying.resize(std::max<std::size_t>(joined.staying.size(), shard + 1));
      joined.staying[shard] = records;
    }
  }
  std::sort(joined.rejecting.begin(), joined.rejecting.end());
  return joined;
}

/// Nothing when the run is to stop and does not wait for it.
std::optional<ShardContent> make_piece(const ShardTask& task,
                                       const std::function<ShardContent(const ShardTask&)>& make) {
  try {
    return make(task);
  } catch (const PieceGivenUp&) {
    log::info("{}: given up, as the run is to stop", task.name());
    return std::nullopt;
  }
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  in += other.in;
  out += other.out;
  rejected += other.rejected;
  failed += other.failed;
  units += other.units;
  for (const auto& [name, count] : other.counters) counters[name] += count;
  return *this;
}

store::Attributes Tally::to_attributes() const {
  store::Attributes attributes{{"in", std::to_string(in)},
                               {"out", std::to_string(out)},
                               {"rejected", std::to_string(rejected)},
                               {"failed", std::to_string(failed)},
                               {"units", std::to_string(units)}};
  for (const auto& [name, count] : counters) attributes[std::string(counter_prefix) + name] = std::to_string(count);
  return attributes;
}

Tally Tally::from_attributes(const store::Attributes& attributes) {
  Tally tally{number(attributes, "in"),     number(attributes, "out"),   number(attributes, "rejected"),
              number(attributes, "failed"), number(attributes, "units"), {}};
  for (const auto& [name, value] : attributes) {
    if (name.starts_with(counter_prefix)) tally.counters[name.substr(counter_prefix.size())] = number_of({name, value});
  }
  return tally;
}

std::vector<const ShardTask*> tasks_of_rank(const std::vector<ShardTask>& tasks, int rank, int ranks) {
  std::map<std::size_t, std::uint64_t> chain_costs;
  for (const auto& task : tasks) chain_costs[task.chain] += task.cost;
  std::vector<WorkItem> work;
  for (const auto& [chain, cost] : chain_costs) work.push_back({chain, cost});
  const auto mine = assign(work, ranks)[static_cast<std::size_t>(rank)];
  std::vector<const ShardTask*> selected;
  for (const auto& task : tasks) {
    if (std::binary_search(mine.begin(), mine.end(), task.chain)) selected.push_back(&task);
  }
  return selected;
}

namespace {

std::uint64_t size_of(const std::vector<ShardTask>& tasks) {
  std::uint64_t size = 0;
  for (const auto& task : tasks) size += task.size;
  return size;
}

/// Takes in the shards that are there, each rank its part of them. Returns the others, the same on all ranks.
std::vector<ShardTask> keep_finished(comm::Communicator& comm, const std::filesystem::path& folder,
                                     const std::vector<ShardTask>& tasks, RankTally& mine, ProgressLine& progress) {
  std::vector<std::uint64_t> lacking;
  std::uint64_t kept = 0;
  for (const auto* task : tasks_of_rank(tasks, comm.rank(), comm.size())) {
    const auto attributes = store::intact_shard(folder / task->name());
    if (!attributes || !has_key(*attributes, task->key)) {
      lacking.push_back(static_cast<std::uint64_t>(task - tasks.data()));
      continue;
    }
    const auto tally = Tally::from_attributes(*attributes);
    const auto sizes = attributes->find("sizes");
    // Shards of the first versions do not say how many they list: at most all that they removed.
    mine.add(*task, tally, attributes->contains("listed") ? number(*attributes, "listed") : tally.rejected,
             sizes == attributes->end() ? TextSizes() : TextSizes::from_text(sizes->second));
    ++mine.resumed;
    progress.add(task->size);
    kept += task->size;
  }
  auto all = comm::all_gather<std::uint64_t>(comm, lacking).data;
  std::sort(all.begin(), all.end());
  std::vector<ShardTask> unfinished;
  for (const auto place : all) unfinished.push_back(tasks[place]);
  progress.set_kept(kept, size_of(tasks) - size_of(unfinished));
  return unfinished;
}

}  // namespace

StageTally make_shards(comm::Communicator& comm, const std::filesystem::path& folder,
                       const std::vector<ShardTask>& tasks, ProgressLine& progress, StopPoints& stops,
                       const std::function<void(bool has_work)>& begin,
                       const std::function<ShardContent(const ShardTask&)>& make) {
  RankTally mine;
  const auto unfinished = keep_finished(comm, folder, tasks, mine, progress);
  const auto to_make = tasks_of_rank(unfinished, comm.rank(), comm.size());
  if (!unfinished.empty()) begin(!to_make.empty());
  const auto start = std::chrono::steady_clock::now();
  bool left_early = false;
  for (const auto* task : to_make) {
    std::optional<ShardContent> content;
    if (!stops.requested()) content = make_piece(*task, make);
    left_early = !content;
    if (left_early) break;
    auto attributes = content->tally.to_attributes();
    attributes["key"] = task->key.hex();
    const auto listed = listed_rejects(*content);
    attributes["listed"] = std::to_string(listed);
    if (!content->sizes.empty()) attributes["sizes"] = content->sizes.to_text();
    store::write_shard(folder / task->name(), attributes, content->columns);
    log::info("{}: {} of {} records", (folder.filename() / task->name()).string(), content->tally.out,
              content->tally.in);
    mine.add(*task, content->tally, listed, content->sizes);
    mine.made_units += content->tally.units;
    progress.add(task->size);
  }
  mine.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // A rank that waits here may be the only one that is told to stop.
  progress.wait([&] { stops.requested(); });
  stops.settle(left_early);
  auto tally = join(comm, mine);
  comm::agree(comm, [&] {
    if (comm.rank() == 0) record_shards(folder, keys_of(tasks));
  });
  return tally;
}

}  // namespace farpoint::pipeline
