// SPDX-License-Identifier: Apache-2.0
#include "dedup/walk.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "dedup/union_find.hpp"

namespace farpoint::dedup {
namespace {

constexpr std::size_t without_cap = 1'000'000;

/// A bucket with labels, and which pairs are near.
struct Bucket {
  std::vector<Member> members;
  std::set<std::pair<std::size_t, std::size_t>> near;
  bool are_near(std::size_t a, std::size_t b) const { return near.contains({std::min(a, b), std::max(a, b)}); }
};

Bucket bucket_of_size(std::size_t size) {
  Bucket bucket;
  for (std::uint64_t i = 0; i < size; ++i) bucket.members.push_back({1, 10 + 3 * i, 10 + 3 * i, 100, 0});
  return bucket;
}

void finish(Walk& walk, const Bucket& bucket) {
  while (const auto pair = walk.next()) {
    ASSERT_EQ(walk.next(), pair);
    ASSERT_TRUE(walk.is_open(pair->first));
    ASSERT_TRUE(walk.is_open(pair->second));
    walk.answer(bucket.are_near(pair->first, pair->second));
  }
}

/// The component of each member by its lowest place, over labels and the given pairs.
template <typename Pairs>
std::vector<std::uint64_t> components(const Bucket& bucket, const Pairs& pairs) {
  SparseUnionFind all;
  std::map<std::uint64_t, std::size_t> first_of_label;
  for (std::size_t i = 0; i < bucket.members.size(); ++i) {
    all.unite(i, first_of_label.try_emplace(bucket.members[i].label, i).first->second);
  }
  for (const auto& [a, b] : pairs) all.unite(a, b);
  std::vector<std::uint64_t> result;
  for (std::size_t i = 0; i < bucket.members.size(); ++i) result.push_back(all.find(i));
  return result;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> places_of(const std::vector<NearPair>& found,
                                                               const Bucket& bucket) {
  std::map<std::uint64_t, std::size_t> place;
  for (std::size_t i = 0; i < bucket.members.size(); ++i) place[bucket.members[i].id] = i;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
  for (const NearPair& pair : found) pairs.emplace_back(place.at(pair.ids.a), place.at(pair.ids.b));
  return pairs;
}

Bucket random_bucket() {
  Bucket bucket = bucket_of_size(*rc::gen::inRange<std::size_t>(1, 25));
  const std::size_t size = bucket.members.size();
  for (Member& member : bucket.members) {
    if (*rc::gen::inRange(0, 3) == 0) member.label = bucket.members[*rc::gen::inRange<std::size_t>(0, size)].label;
  }
  const auto ends = rc::gen::inRange<std::size_t>(0, size);
  const auto pairs = *rc::gen::container<std::vector<std::pair<std::size_t, std::size_t>>>(rc::gen::pair(ends, ends));
  for (const auto& [a, b] : pairs) {
    if (a != b) bucket.near.insert({std::min(a, b), std::max(a, b)});
  }
  return bucket;
}

RC_GTEST_PROP(ComponentWalk, FindsTheComponentsOfTheBucket, ()) {
  const Bucket bucket = random_bucket();
  ComponentWalk walk(bucket.members, {0.8, without_cap});
  finish(walk, bucket);
  RC_ASSERT(components(bucket, places_of(walk.found(), bucket)) == components(bucket, bucket.near));
  RC_ASSERT(walk.capped() == 0U);
  // Every pair joined two components: none was compared that was known already.
  const auto labels = components(bucket, std::vector<std::pair<std::uint64_t, std::uint64_t>>{});
  const auto after = components(bucket, bucket.near);
  const auto distinct = [](const auto& of) { return std::set<std::uint64_t>(of.begin(), of.end()).size(); };
  RC_ASSERT(walk.found().size() == distinct(labels) - distinct(after));
}

RC_GTEST_PROP(ComponentWalk, ComparesNoRecordMoreOftenThanItMay, ()) {
  const Bucket bucket = random_bucket();
  const auto most = *rc::gen::inRange<std::size_t>(1, 6);
  ComponentWalk walk(bucket.members, {0.8, most});
  std::map<std::size_t, std::size_t> comparisons;
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  while (const auto pair = walk.next()) {
    RC_ASSERT(++comparisons[pair->first] <= most);
    RC_ASSERT(++comparisons[pair->second] <= most);
    RC_ASSERT(pairs.insert(std::minmax(pair->first, pair->second)).second);
    walk.answer(bucket.are_near(pair->first, pair->second));
  }
  for (const auto& [a, b] : places_of(walk.found(), bucket)) RC_ASSERT(bucket.are_near(a, b));
  // Where nothing was left out, the components are those without a limit.
  if (walk.capped() == 0) {
    RC_ASSERT(components(bucket, places_of(walk.found(), bucket)) == components(bucket, bucket.near));
  }
}

TEST(ComponentWalk, ComparesCopiesOnceEach) {
  Bucket bucket = bucket_of_size(500);
  for (std::size_t a = 0; a < 500; ++a) {
    for (std::size_t b = a + 1; b < 500; ++b) bucket.near.insert({a, b});
  }
  for (const std::size_t most : {without_cap, std::size_t{7}}) {
    ComponentWalk walk(bucket.members, {0.8, most});
    finish(walk, bucket);
    EXPECT_EQ(walk.compared(), 499U);
    EXPECT_EQ(walk.found().size(), 499U);
  }
}

TEST(ComponentWalk, SaysWhatItLeftOut) {
  Bucket bucket = bucket_of_size(30);
  bucket.near.insert({0, 29});
  ComponentWalk walk(bucket.members, {0.8, 5});
  finish(walk, bucket);
  EXPECT_TRUE(walk.found().empty());
  EXPECT_GT(walk.capped(), 0U);
  EXPECT_LE(walk.compared(), 30U * 5 / 2);
}

TEST(ComponentWalk, TakesLinearTimeForHugeBucketsWithALimit) {
  Bucket bucket = bucket_of_size(300'000);
  for (std::size_t i = 0; i < bucket.members.size(); ++i) bucket.members[i].size = i % 2 == 0 ? 100 : 1;
  ComponentWalk walk(bucket.members, {0.8, 20});
  finish(walk, bucket);
  EXPECT_GT(walk.compared(), 0U);
}

TEST(ComponentWalk, DoesNotCompareSetsOfTooDifferentSizes) {
  Bucket bucket = bucket_of_size(3);
  bucket.members[1].size = 79;
  bucket.members[2].size = 80;
  bucket.near = {{0, 1}, {0, 2}};
  ComponentWalk walk(bucket.members, {0.8, without_cap});
  finish(walk, bucket);
  ASSERT_EQ(walk.found().size(), 1U);
  EXPECT_EQ(walk.found()[0].ids, (Edge{10, 16}));
  EXPECT_EQ(walk.compared(), 2U);  // the second one with the third
}

RC_GTEST_PROP(CuratedWalk, FindsThePoolRecordsThatAreNearACuratedOne, ()) {
  Bucket bucket = random_bucket();
  const auto curated = *rc::gen::inRange<std::size_t>(0, bucket.members.size() + 1);
  for (std::size_t i = 0; i < curated; ++i) bucket.members[i].id |= curated_bit;
  RC_ASSERT(std::is_sorted(bucket.members.begin(), bucket.members.end(), in_bucket_order));
  CuratedWalk walk(bucket.members, {0.8, without_cap});
  finish(walk, bucket);
  std::vector<std::uint64_t> expected;
  for (std::size_t i = curated; i < bucket.members.size(); ++i) {
    for (std::size_t c = 0; c < curated; ++c) {
      if (!bucket.are_near(c, i)) continue;
      expected.push_back(bucket.members[i].id);
      break;
    }
  }
  std::vector<std::uint64_t> found;
  for (const NearPair& pair : walk.found()) found.push_back(pair.ids.a);
  RC_ASSERT(found == expected);
}

}  // namespace
}  // namespace farpoint::dedup
