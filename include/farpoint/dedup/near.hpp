// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/dedup/components.hpp"

namespace farpoint::dedup {

struct NearOptions {
  double threshold = 0.8;              ///< of the Jaccard similarity of two texts' sets of shingles; above 0, at most 1
  std::size_t shingle = 5;             ///< words a shingle
  std::size_t permutations = 128;      ///< of MinHash: more of them find more, and compare less in vain
  std::size_t max_comparisons = 1000;  ///< of a record within one bucket; at least 1
  /// What one rank sends and receives at a time: a matter of speed alone.
  std::size_t batch_bytes = std::size_t{256} << 20;
};

/// Gives the texts of this rank's records again.
class TextSource {
 public:
  virtual ~TextSource() = default;
  using Visit = std::function<void(std::size_t index, std::string_view text)>;
  /// Collective. Calls visit(i, text of ascending_ids[i]) for each i, ascending, from this thread; the text need not
  /// outlive the call.
  virtual void visit(std::span<const std::uint64_t> ascending_ids, const Visit& visit) = 0;
};

/// Numbers over all ranks, the same on each, but for the hits.
struct NearResult {
  std::uint64_t candidates = 0;  ///< records that share a band with another one
  std::uint64_t compared = 0;    ///< pairs whose sets were compared
  std::uint64_t joined = 0;      ///< pairs of pool records that were found to be near duplicates, and joined
  std::uint64_t capped = 0;      ///< times that a record was not compared further in a bucket, for max_comparisons
  /// Those of this rank's pool records that are near a curated one, ascending.
  std::vector<std::uint64_t> curated_hits;
};

/// Near duplicates among the records of all ranks: MinHash with banding proposes pairs, and their exact Jaccard
/// similarity decides, so no pair below the threshold is joined; what is missed, banding_for() says.
///
/// Of the records that share a band, a bucket, the connected components of the graph "similarity >= threshold" are
/// found, from the lowest id on; records that are in one component already are not compared. So a bucket of m copies
/// costs m - 1 comparisons. Each record is compared with at most max_comparisons others of a bucket, the next ones by
/// id, and where that left something out, `capped` says how often. Pool records that are near a curated one are found
/// first, and take no part in components; curated records are not compared with each other. Texts without words are
/// near nothing.
///
/// The result does not depend on the ranks, threads, the order in which records are added, or batch_bytes. Texts do not
/// travel: hashes of bands, ids and sets of shingles do. All files are unlinked at once, so nothing is left behind.
class NearDuplicates {
 public:
  /// Makes the scratch folder where it is missing; it takes 8 bytes a band and record (144 bytes a record with the
  /// default options), and 8 bytes for each word of the candidates. Throws UsageError for options that make no sense.
  /// Not collective.
  NearDuplicates(comm::Communicator& comm, const NearOptions& options, const std::filesystem::path& scratch_folder);
  ~NearDuplicates();
  NearDuplicates(const NearDuplicates&) = delete;
  NearDuplicates& operator=(const NearDuplicates&) = delete;

  /// This rank's records, in any number of calls; works on all threads. Ids with curated_bit are curated records. Not
  /// collective.
  void add(std::span<const std::uint64_t> ids, std::span<const std::string_view> texts);

  /// Finds near duplicates among the records whose flag in `active` is not 0, one flag for each added record in their
  /// order, and joins them in `components`. A component that `components` has already counts as one record that was
  /// compared. Collective.
  NearResult find(TextSource& texts, Components& components, std::span<const std::uint8_t> active);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bytes that NearDuplicates needs at most on a rank with so many records, all of them candidates, besides Components:
/// 39 a record, and three times batch_bytes. Two things may add to it: sets of the largest texts, of which a batch
/// holds at least two, and buckets, which lie on one rank each with 64 bytes a record, when a large part of the pool is
/// in one.
std::uint64_t near_memory(std::uint64_t records_per_rank, const NearOptions& options);

}  // namespace farpoint::dedup
