// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::dedup {

/// One flag for each of the ids 0 to ids - 1, of which each rank keeps a block: a byte an id. For what one rank finds
/// out about another one's records. Its functions are collective; not thread-safe.
class IdFlags {
 public:
  /// All unset.
  IdFlags(comm::Communicator& comm, std::uint64_t ids);

  /// Sets the flags of any ids, on behalf of whichever rank. Throws Error for what is no id.
  void set(std::span<const std::uint64_t> ids);
  /// 1 for each id that is set.
  std::vector<std::uint8_t> get(std::span<const std::uint64_t> ids) const;

 private:
  comm::Communicator& comm_;
  std::uint64_t ids_;
  std::uint64_t block_;  ///< ids a rank
  std::vector<std::uint8_t> flags_;
};

}  // namespace farpoint::dedup
