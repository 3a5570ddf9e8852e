// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "farpoint/dedup/edges.hpp"

namespace farpoint::dedup {

/// A record in a bucket, as it travels to the rank that keeps the bucket.
struct Member {
  std::uint64_t hash = 0;  ///< of the band: what makes the bucket
  std::uint64_t id = 0;
  std::uint64_t label = 0;   ///< of its component so far
  std::uint32_t size = 0;    ///< shingles in its set
  std::uint32_t holder = 0;  ///< the rank that has the set
};

inline bool is_curated(std::uint64_t id) {
  return (id & curated_bit) != 0;
}

/// In order of buckets; in each, curated ones first, ids ascending.
bool in_bucket_order(const Member& x, const Member& y);

/// Whether sets of these sizes can have this similarity: it is at most the ratio of the sizes. Rounding is monotonous,
/// so this never contradicts the similarity itself.
bool sizes_allow(const Member& x, const Member& y, double threshold);

/// Two records whose similarity reaches the threshold.
struct NearPair {
  Edge ids;                  ///< of a pool record, and of another or a curated one
  std::uint32_t holder = 0;  ///< of the first one
};

struct WalkLimits {
  double threshold;
  std::size_t max_comparisons;
};

/// The comparisons of one bucket, one after the other: which one is next depends on how the last one ended. What is
/// compared depends on the members alone.
class Walk {
 public:
  using Pair = std::pair<std::size_t, std::size_t>;  ///< places among the members

  Walk(std::span<const Member> members, const WalkLimits& limits) : members_(members), limits_(limits) {}
  virtual ~Walk() = default;
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  std::span<const Member> members() const { return members_; }
  /// The pair to compare; the same until it is answered. Nothing at the end.
  virtual std::optional<Pair> next() = 0;
  virtual void answer(bool reaches_threshold) = 0;
  /// Whether this member may still be in a pair.
  virtual bool is_open(std::size_t member) const = 0;

  std::uint64_t compared() const { return compared_; }
  std::uint64_t capped() const { return capped_; }
  const std::vector<NearPair>& found() const { return found_; }

 protected:
  void add_found(const Pair& pair);

  std::span<const Member> members_;
  WalkLimits limits_;
  std::uint64_t compared_ = 0;
  std::uint64_t capped_ = 0;
  std::vector<NearPair> found_;
};

/// Finds which pool records are near a curated one. Each is compared with the curated ones, by id, until one is near.
class CuratedWalk final : public Walk {
 public:
  CuratedWalk(std::span<const Member> members, const WalkLimits& limits);
  std::optional<Pair> next() override;
  void answer(bool reaches_threshold) override;
  bool is_open(std::size_t member) const override { return member < curated_ || member >= pool_; }

 private:
  void next_pool_record();

  std::size_t curated_count_ = 0;
  std::size_t curated_ = 0;  ///< curated ones that are needed from here down
  std::size_t pool_ = 0;     ///< the pool record that is compared
  std::size_t with_ = 0;     ///< the curated one it is compared with
  std::size_t comparisons_ = 0;
};

/// Finds the components of the graph of near pool records, breadth first: from a record to all that are in no component
/// of this bucket yet, then from those that were near.
class ComponentWalk final : public Walk {
 public:
  ComponentWalk(std::span<const Member> members, const WalkLimits& limits);
  std::optional<Pair> next() override;
  void answer(bool reaches_threshold) override;
  bool is_open(std::size_t member) const override;

 private:
  enum class Place : std::uint8_t { unreached, queued, left };

  void begin_record();
  void reach(std::size_t member);
  void remove(std::size_t member);
  void count(std::size_t member);

  // Members that no record reached yet and that may still be compared, ascending: a list, whose end is
  // members().size().
  std::vector<std::uint32_t> after_;
  std::vector<std::uint32_t> before_;
  std::uint32_t head_ = 0;
  std::vector<std::uint32_t> by_label_;     ///< places, those of one label together
  std::vector<std::uint32_t> label_place_;  ///< of each member in by_label_
  std::vector<std::uint32_t> comparisons_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> queue_;
  std::size_t queue_head_ = 0;
  bool has_record_ = false;
  std::uint32_t record_ = 0;  ///< the one that is compared with those in the list
  std::uint32_t with_ = 0;
};

}  // namespace farpoint::dedup
