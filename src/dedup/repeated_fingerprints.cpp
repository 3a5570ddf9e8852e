// SPDX-License-Identifier: Apache-2.0
#include "repeated_fingerprints.hpp"

#include <algorithm>
#include <span>

#include "owners.hpp"
#include "sorted_hashes.hpp"

namespace farpoint::dedup {

namespace {

/// Leaves two of more than two equal ones: boilerplate that a rank has a million times is sent twice.
void keep_two_of_each(std::vector<std::uint64_t>& sorted) {
  std::size_t kept = 0;
  for (const std::uint64_t hash : sorted) {
    if (kept < 2 || sorted[kept - 2] != hash) sorted[kept++] = hash;
  }
  sorted.resize(kept);
}

/// Those that are there more than once, ascending.
std::vector<std::uint64_t> repeated_of(std::span<const std::uint64_t> hashes) {
  std::vector<std::uint64_t> sorted(hashes.begin(), hashes.end());
  std::ranges::sort(sorted);
  std::size_t kept = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] != sorted[i - 1] || (kept > 0 && sorted[kept - 1] == sorted[i])) continue;
    sorted[kept++] = sorted[i];
  }
  sorted.resize(kept);
  return sorted;
}

std::vector<std::uint8_t> judge(std::span<const std::uint64_t> hashes) {
  const auto repeated = repeated_of(hashes);
  const SortedHashes lookup(repeated);
  std::vector<std::uint8_t> answers;
  answers.reserve(hashes.size());
  for (const std::uint64_t hash : hashes) answers.push_back(lookup.find(hash) != SortedHashes::none ? 1 : 0);
  return answers;
}

}  // namespace

void RepeatedFingerprints::find(comm::Communicator& comm) {
  std::vector<std::uint64_t> repeated;
  {
    std::vector<std::uint64_t> sorted(hashes_.begin(), hashes_.end());
    std::ranges::sort(sorted);
    keep_two_of_each(sorted);
    ask_owners(
        comm, std::span<const std::uint64_t>(sorted), [](std::uint64_t hash) { return hash; }, judge,
        [&](std::size_t i, std::uint8_t is_repeated) {
          if (is_repeated != 0 && (repeated.empty() || repeated.back() != sorted[i])) repeated.push_back(sorted[i]);
        });
  }
  const SortedHashes lookup(repeated);
  std::size_t i = 0;
  for (const std::uint64_t hash : hashes_) {
    if (lookup.find(hash) != SortedHashes::none) repeated_[i] = true;
    ++i;
  }
  hashes_ = {};
  count_ = static_cast<std::uint64_t>(std::ranges::count(repeated_, true));
}

}  // namespace farpoint::dedup
