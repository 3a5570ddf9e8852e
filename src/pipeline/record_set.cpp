// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/record_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "work_shares.hpp"

namespace farpoint::pipeline {

namespace {

/// A section on its way to the other ranks.
struct FoundSection {
  std::uint64_t unit = 0;
  corpus::Section section;
};

}  // namespace

std::pair<std::uint64_t, std::uint64_t> RecordSet::range(std::size_t shard) const {
  const std::uint64_t begin = shard * shard_records;
  return {begin, begin + std::min(shard_records, records() - begin)};
}

std::string RecordSet::shard_name(std::size_t shard) const {
  return fmt::format("{}-{:05}.h5", population == Population::pool ? "shard" : name_of(population), shard);
}

std::vector<RecordSet::Segment> RecordSet::segments(std::size_t shard) const {
  const auto [begin, end] = range(shard);
  std::vector<Segment> segments;
  const auto after = std::upper_bound(first_id.begin(), first_id.end(), begin);
  for (auto file = static_cast<std::size_t>(after - first_id.begin()) - 1; file < files.size() && first_id[file] < end;
       ++file) {
    const auto from = std::max(begin, first_id[file]);
    const auto to = std::min(end, first_id[file + 1]);
    if (from < to) segments.push_back({file, from - first_id[file], to - first_id[file]});
  }
  return segments;
}

Hash128 RecordSet::fingerprint(std::size_t shard) const {
  const auto [begin, end] = range(shard);
  Hasher hasher;
  hasher.add(begin).add(end);
  for (const auto& segment : segments(shard)) {
    hasher.add(segment.begin).add(segment.end);
    hasher.add(indexes[segment.file].fingerprint(segment.begin, segment.end));
  }
  return hasher.digest();
}

std::uint64_t RecordSet::approximate_bytes(std::size_t shard) const {
  // Of a run that is only read nobody knows the files' places any more: shards count by their records.
  if (indexes.empty()) return range(shard).second - range(shard).first;
  std::uint64_t bytes = 0;
  for (const auto& segment : segments(shard)) {
    bytes += indexes[segment.file].approximate_bytes(segment.begin, segment.end);
  }
  return bytes;
}

std::uint64_t RecordSet::total_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& index : indexes) bytes += index.bytes();
  return bytes;
}

std::vector<corpus::FileIndex> scan_files(comm::Communicator& comm, const std::vector<corpus::InputFile>& files) {
  const auto units = corpus::plan_scan(files);
  std::vector<WorkItem> work;
  for (std::size_t u = 0; u < units.size(); ++u) work.push_back({u, units[u].end - units[u].begin});
  std::vector<FoundSection> mine;
  const auto shares = assign(work, comm.size());
  comm::agree(comm, [&] {
    for (const auto u : shares[static_cast<std::size_t>(comm.rank())]) {
      for (const auto& section : corpus::scan(files[units[u].file], units[u])) mine.push_back({u, section});
    }
  });
  auto all = comm::all_gather<FoundSection>(comm, mine).data;
  // The sections of one unit come from one rank and are in order already.
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.unit < b.unit; });
  std::vector<std::vector<corpus::Section>> sections(files.size());
  for (const auto& found : all) sections[units[found.unit].file].push_back(found.section);
  std::vector<corpus::FileIndex> indexes;
  for (auto& list : sections) indexes.emplace_back(std::move(list));
  return indexes;
}

RecordSet make_record_set(Population population, std::vector<corpus::InputFile> files,
                          std::vector<corpus::FileIndex> indexes, std::uint64_t shard_records) {
  RecordSet set{population, std::move(files), std::move(indexes), {0}, shard_records};
  for (const auto& index : set.indexes) set.first_id.push_back(set.first_id.back() + index.records());
  return set;
}

}  // namespace farpoint::pipeline
