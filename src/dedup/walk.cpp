// SPDX-License-Identifier: Apache-2.0
#include "walk.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace farpoint::dedup {

bool in_bucket_order(const Member& x, const Member& y) {
  const std::uint64_t x_place = x.id ^ curated_bit;
  const std::uint64_t y_place = y.id ^ curated_bit;
  return std::tie(x.hash, x_place) < std::tie(y.hash, y_place);
}

bool sizes_allow(const Member& x, const Member& y, double threshold) {
  const auto [lesser, greater] = std::minmax(x.size, y.size);
  return static_cast<double>(lesser) / static_cast<double>(greater) >= threshold;
}

void Walk::add_found(const Pair& pair) {
  const Member& first = members_[pair.first];
  found_.push_back({{first.id, members_[pair.second].id}, first.holder});
}

CuratedWalk::CuratedWalk(std::span<const Member> members, const WalkLimits& limits) : Walk(members, limits) {
  while (curated_count_ < members.size() && is_curated(members[curated_count_].id)) ++curated_count_;
  curated_ = curated_count_;
  pool_ = curated_count_;
}

std::optional<Walk::Pair> CuratedWalk::next() {
  for (; pool_ < members_.size(); next_pool_record()) {
    for (; with_ < curated_count_; ++with_) {
      if (comparisons_ == limits_.max_comparisons) {
        ++capped_;
        break;
      }
      if (sizes_allow(members_[pool_], members_[with_], limits_.threshold)) return Pair{pool_, with_};
      ++comparisons_;
    }
  }
  curated_ = 0;
  return std::nullopt;
}

void CuratedWalk::answer(bool reaches_threshold) {
  ++compared_;
  ++comparisons_;
  if (reaches_threshold) {
    add_found({pool_, with_});
    next_pool_record();
  } else {
    ++with_;
  }
}

void CuratedWalk::next_pool_record() {
  ++pool_;
  with_ = 0;
  comparisons_ = 0;
}

ComponentWalk::ComponentWalk(std::span<const Member> members, const WalkLimits& limits)
    : Walk(members, limits),
      after_(members.size() + 1),
      before_(members.size() + 1),
      by_label_(members.size()),
      label_place_(members.size()),
      comparisons_(members.size()),
      places_(members.size(), Place::unreached) {
  std::iota(after_.begin(), after_.end(), 1U);
  for (std::uint32_t i = 1; i < before_.size(); ++i) before_[i] = i - 1;
  std::iota(by_label_.begin(), by_label_.end(), 0U);
  std::sort(by_label_.begin(), by_label_.end(), [&](std::uint32_t x, std::uint32_t y) {
    return std::tie(members[x].label, x) < std::tie(members[y].label, y);
  });
  for (std::uint32_t i = 0; i < by_label_.size(); ++i) label_place_[by_label_[i]] = i;
}

bool ComponentWalk::is_open(std::size_t member) const {
  if (has_record_ && member == record_) return true;
  return places_[member] != Place::left && comparisons_[member] < limits_.max_comparisons;
}

std::optional<Walk::Pair> ComponentWalk::next() {
  while (head_ < members_.size()) {
    if (!has_record_) begin_record();
    while (with_ < members_.size() && comparisons_[record_] < limits_.max_comparisons) {
      if (sizes_allow(members_[record_], members_[with_], limits_.threshold)) return Pair{record_, with_};
      const std::uint32_t skipped = with_;
      with_ = after_[with_];
      count(record_);
      count(skipped);
    }
    if (with_ < members_.size()) ++capped_;
    has_record_ = false;
  }
  return std::nullopt;
}

void ComponentWalk::answer(bool reaches_threshold) {
  ++compared_;
  const std::uint32_t other = with_;
  if (reaches_threshold) {
    add_found({record_, other});
    reach(other);
  }
  count(record_);
  count(other);
  // What has left the list still leads to those behind it that have not.
  do with_ = after_[with_];
  while (with_ < members_.size() && places_[with_] != Place::unreached);
}

/// The next record of the component, or the lowest one that is in none.
void ComponentWalk::begin_record() {
  if (queue_head_ == queue_.size()) reach(head_);
  record_ = queue_[queue_head_++];
  places_[record_] = Place::left;
  with_ = head_;
  has_record_ = true;
}

/// All of its label are in the component, too.
void ComponentWalk::reach(std::size_t member) {
  const std::uint64_t label = members_[member].label;
  std::size_t first = label_place_[member];
  while (first > 0 && members_[by_label_[first - 1]].label == label) --first;
  for (std::size_t i = first; i < by_label_.size() && members_[by_label_[i]].label == label; ++i) {
    const std::uint32_t reached = by_label_[i];
    if (places_[reached] != Place::unreached) continue;
    if (comparisons_[reached] < limits_.max_comparisons) remove(reached);
    places_[reached] = Place::queued;
    queue_.push_back(reached);
  }
}

void ComponentWalk::remove(std::size_t member) {
  const std::uint32_t after = after_[member];
  if (member == head_) {
    head_ = after;
  } else {
    after_[before_[member]] = after;
    before_[after] = before_[member];
  }
}

void ComponentWalk::count(std::size_t member) {
  if (++comparisons_[member] < limits_.max_comparisons || places_[member] != Place::unreached) return;
  // It was compared with records that are done, and with none of those that wait for their turn or are in the list.
  const bool is_last = head_ == member && after_[member] >= members_.size();
  if (!is_last || queue_head_ < queue_.size()) ++capped_;
  remove(member);
}

}  // namespace farpoint::dedup
