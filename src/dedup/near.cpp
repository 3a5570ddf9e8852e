// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/near.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "band_file.hpp"
#include "candidates.hpp"
#include "exchange.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/dedup/minhash.hpp"
#include "farpoint/dedup/shingles.hpp"
#include "near_search.hpp"
#include "shingle_sets.hpp"

namespace farpoint::dedup {

namespace {

NearOptions checked(const NearOptions& options) {
  if (options.max_comparisons == 0) throw UsageError("at most 0 comparisons of a record find nothing: it takes one");
  if (options.batch_bytes == 0) throw UsageError("batches of 0 bytes for near duplicates: nothing can be exchanged");
  return options;
}

}  // namespace

struct NearDuplicates::State {
  State(comm::Communicator& communicator, const NearOptions& near_options, const std::filesystem::path& scratch_folder)
      : comm(communicator),
        options(checked(near_options)),
        folder(scratch_folder),
        shingler(options.shingle),
        minhash(banding_for(options.threshold, options.permutations)),
        bands(minhash.banding().bands, scratch_folder) {}

  comm::Communicator& comm;
  NearOptions options;
  std::filesystem::path folder;
  Shingler shingler;
  MinHash minhash;
  BandFile bands;
  std::vector<std::uint64_t> ids;
  std::vector<bool> has_words;
};

NearDuplicates::NearDuplicates(comm::Communicator& comm, const NearOptions& options,
                               const std::filesystem::path& scratch_folder)
    : state_(std::make_unique<State>(comm, options, scratch_folder)) {}

NearDuplicates::~NearDuplicates() = default;

void NearDuplicates::add(std::span<const std::uint64_t> ids, std::span<const std::string_view> texts) {
  assert(ids.size() == texts.size());
  State& state = *state_;
  const std::size_t bands = state.bands.bands();
  // Some thousand at a time, whose hashes are in the cache when they are written.
  constexpr std::size_t most = 4096;
  std::vector<std::vector<std::uint64_t>> shingles(thread_count());
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint8_t> has_words;
  for (std::size_t first = 0; first < ids.size(); first += most) {
    const std::size_t count = std::min(most, ids.size() - first);
    hashes.assign(count * bands, 0);
    has_words.assign(count, 0);
    constexpr std::size_t grain = 16;
    parallel_for(count, grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        state.shingler.shingle_places(texts[first + i], shingles[thread]);
        if (shingles[thread].empty()) continue;
        state.minhash.bands(shingles[thread], std::span(hashes).subspan(i * bands, bands));
        has_words[i] = 1;
      }
    });
    state.bands.add(hashes);
    for (std::size_t i = 0; i < count; ++i) state.has_words.push_back(has_words[i] != 0);
  }
  state.ids.insert(state.ids.end(), ids.begin(), ids.end());
}

NearResult NearDuplicates::find(TextSource& texts, Components& components, std::span<const std::uint8_t> active) {
  State& state = *state_;
  if (active.size() != state.ids.size()) {
    throw Error(
        fmt::format("{} flags for {} records that near duplicates are looked for in", active.size(), state.ids.size()));
  }
  std::vector<std::uint8_t> candidates(active.size());
  for (std::size_t i = 0; i < active.size(); ++i) candidates[i] = active[i] != 0 && state.has_words[i] ? 1 : 0;
  candidates = find_candidates(state.comm, state.bands, state.ids, candidates, state.options.batch_bytes);

  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i] != 0) ids.push_back(state.ids[i]);
  }
  std::sort(ids.begin(), ids.end());
  NearResult result;
  result.candidates = ids.size();
  const ShingleSets sets(state.shingler, std::move(ids), texts, state.folder);
  NearSearch search(state.comm, state.options, state.bands, sets, candidates, state.ids);
  search.find_curated_hits(result);
  search.join_near(components, result);

  for (std::uint64_t* number : {&result.candidates, &result.compared, &result.joined, &result.capped}) {
    *number = comm::all_reduce(state.comm, *number, comm::Reduction::sum);
  }
  return result;
}

std::uint64_t near_memory(std::uint64_t records_per_rank, const NearOptions& options) {
  // An id and a bit; as candidates a flag (twice), an id, the end of a set, a label, a place and a flag.
  constexpr std::uint64_t record_bytes = 8 + 1 + 2 + 8 + 8 + 8 + 4 + 1;
  constexpr std::uint64_t block_records = std::uint64_t{1} << 16;
  return records_per_rank * record_bytes + 3 * options.batch_bytes +
         2 * block_records * options.permutations * sizeof(std::uint64_t);
}

}  // namespace farpoint::dedup
