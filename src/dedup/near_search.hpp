// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "band_file.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/dedup/near.hpp"
#include "rounds.hpp"
#include "shingle_sets.hpp"

namespace farpoint::dedup {

/// The candidates of this rank, in the order of their ids, and what becomes of them. All members are collective.
class NearSearch {
 public:
  /// `places`: where the candidates are among the records of `bands`, in the order of the ids of `sets`.
  NearSearch(comm::Communicator& comm, const NearOptions& options, const BandFile& bands, const ShingleSets& sets,
             std::span<const std::uint8_t> candidates, std::span<const std::uint64_t> record_ids);

  void find_curated_hits(NearResult& result);
  void join_near(Components& components, NearResult& result);

 private:
  std::vector<Member> members_of(std::size_t band, std::size_t part, std::size_t parts, bool with_curated) const;
  Walked walk(std::size_t band, Sweep sweep) const;
  void update_labels(const Components& components);

  comm::Communicator& comm_;
  const NearOptions& options_;
  const BandFile& bands_;
  const ShingleSets& sets_;
  std::span<const std::uint8_t> candidates_;
  std::vector<std::uint32_t> set_of_;  ///< of the candidates in the order of the records, their places in `sets`
  std::vector<std::uint64_t> labels_;  ///< of the candidates as in `sets`
  std::vector<std::uint8_t> is_hit_;   ///< likewise
};

}  // namespace farpoint::dedup
