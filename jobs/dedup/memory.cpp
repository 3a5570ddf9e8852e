// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/log.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/dedup/near.hpp"
#include "farpoint/dedup/repeated_spans.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

struct Counts {
  std::uint64_t records = 0;  ///< of this rank that are compared
  std::uint64_t end = 0;      ///< behind this rank's highest id of the pool
  std::uint64_t width = 0;    ///< numbers of a vector
  std::uint64_t text_bytes = 0;
};

Counts count(PoolPass& pass, const DedupOptions& options) {
  Counts counts;
  const auto visit = [&](const Shard& shard) {
    const auto ids = shard.ids();
    counts.records += ids.size();
    if (ids.empty()) return;
    if (shard.population() == Population::pool) counts.end = std::max(counts.end, ids.back() + 1);
    for (const auto* vectors : {&options.semantic.vectors, &options.one_pass.vectors}) {
      // One shard tells.
      if (!vectors->empty() && counts.width == 0) counts.width = shard.column(*vectors).width;
    }
    if (options.substring.tokens) counts.text_bytes += shard.records().bytes.size();
  };
  pass.for_each_shard(Population::pool, visit);
  if (options.against == Against::curated) pass.for_each_shard(Population::curated, visit);
  return counts;
}

/// Ids, what is kept, why, priorities, and copies of the first two on their way: whatever the methods.
constexpr std::uint64_t record_bytes = 8 + 8 + 1 + 8 + 48;
constexpr std::uint64_t hash_bytes = 3 * 24;
/// The program with its libraries and a few shards in hand.
constexpr std::uint64_t base_bytes = std::uint64_t{160} << 20;

/// For estimates. Measured: what near duplicates come to while the buffers are not full, and bytes of text a second on
/// a core of the reference machine (docs/estimate.md).
constexpr std::uint64_t near_record_bytes = 120;
constexpr std::uint64_t near_fixed_bytes = std::uint64_t{8} << 20;
constexpr double exact_rate = 400e6;
constexpr double near_rate = 25e6;
constexpr double passages_rate = 15e6;

}  // namespace

std::uint64_t dedup_memory(const RankTexts& counts, const DedupOptions& options) {
  // A byte for the flag of a curated copy and eight for the component.
  const std::uint64_t bytes = counts.records * record_bytes + counts.ids * 9;
  std::uint64_t most = 0;  // methods follow each other
  if (options.exact.is_on) most = counts.records * hash_bytes;
  if (options.near.threshold) {
    dedup::NearOptions near;
    near.permutations = options.near.permutations;
    most = std::max(most, dedup::near_memory(counts.records, near)) + counts.records * (options.exact.is_on ? 24 : 0);
  }
  if (options.compares_vectors()) {
    // The rows, and those that are left without copies; the neighbours' index holds ids and centroids besides.
    most = std::max(most, counts.records * (2 * counts.width * sizeof(float) + 40));
  }
  if (options.substring.tokens) {
    const dedup::SpanOptions spans{*options.substring.tokens};
    // About six bytes a word, four fingerprints to a window of words, 16 bytes each.
    most = std::max(most, spans.memory_budget + counts.text_bytes / 6 * 4 / *options.substring.tokens * 16);
  }
  return bytes + most;
}

void add_deduplication(const DedupOptions& options, const Workload& work, Need& need) {
  RankTexts texts{work.records_of_rank(), work.pool() / static_cast<std::uint64_t>(work.ranks) + 1, 0, 0};
  if (options.against == Against::curated) texts.records += work.records_of_rank(Population::curated);
  for (const auto* vectors : {&options.semantic.vectors, &options.one_pass.vectors}) {
    const auto column = work.widths.find(*vectors);
    if (column != work.widths.end()) texts.width = column->second;
  }
  const double share =
      static_cast<double>(texts.records) / static_cast<double>(std::max<std::uint64_t>(1, work.pool()));
  texts.text_bytes = static_cast<std::uint64_t>(share * static_cast<double>(work.bytes[index_of(Population::pool)]));
  auto likely = dedup_memory(texts, options);
  // Equal texts are found while little else is there.
  const bool exact_alone = !options.near.threshold && !options.substring.tokens && !options.compares_vectors();
  if (exact_alone) likely = std::min(likely, texts.records * (record_bytes + 9 + hash_bytes / 3));
  if (options.near.threshold && !options.substring.tokens && !options.compares_vectors()) {
    const auto filled =
        texts.records * (record_bytes + 9 + near_record_bytes + (options.exact.is_on ? hash_bytes : 0)) +
        near_fixed_bytes;
    likely = std::min(likely, filled);
  }
  need.memory += likely;
  const auto all = static_cast<double>(work.bytes[index_of(Population::pool)]);
  if (options.exact.is_on) need.core_seconds += all / exact_rate;
  if (options.near.threshold) {
    need.core_seconds += all / near_rate * static_cast<double>(options.near.permutations) / 128;
    need.sent += texts.records * options.near.permutations * sizeof(std::uint64_t);
  }
  if (options.substring.tokens) need.core_seconds += all / passages_rate;
  if (options.compares_vectors()) {
    const auto rows = static_cast<double>(work.pool());
    need.flops += 2 * rows * rows * static_cast<double>(texts.width) *
                  (options.semantic.index.kind == select::IndexKind::flat ? 1.0 : 0.05);
    need.sent += work.pool() * texts.width * sizeof(float);
  }
  need.disk += work.pool() * 17;  // the answers, from which the shards are made
}

std::uint64_t check_memory(PoolPass& pass, const DedupOptions& options) {
  auto& comm = pass.comm();
  const auto counts = count(pass, options);
  const auto end = comm::all_reduce(comm, counts.end, comm::Reduction::max);
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  const auto mine =
      base_bytes + dedup_memory({counts.records, (end + ranks - 1) / ranks, counts.width, counts.text_bytes}, options);
  const auto largest = comm::all_reduce(comm, mine, comm::Reduction::max);
  const auto node = comm.split_by_node();
  const auto on_node = comm::all_reduce(*node, mine, comm::Reduction::sum);
  const auto limit = options.memory_limit ? options.memory_limit->count : available_memory();
  const bool fits = options.memory_limit ? mine <= limit : on_node <= limit;
  if (comm.rank() == 0) {
    log::info("dedup: a rank needs at most {}", format_amount(static_cast<double>(largest), "bytes"));
  }
  if (comm::all_reduce(comm, fits ? std::uint8_t{0} : std::uint8_t{1}, comm::Reduction::max) == 0) return end;
  throw comm::AgreedError(fmt::format("dedup {}: a rank may need {}, and there are {} {}; use more nodes{}", options.as,
                                      format_amount(static_cast<double>(largest), "bytes"),
                                      format_amount(static_cast<double>(limit), "bytes"),
                                      options.memory_limit ? "by dedup.memory_limit" : "free on its node",
                                      options.memory_limit ? ", or raise the limit" : ""));
}

}  // namespace farpoint::jobs
