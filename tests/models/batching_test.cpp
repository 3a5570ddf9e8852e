// SPDX-License-Identifier: Apache-2.0
#include "batching.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <stdexcept>

namespace farpoint::models {
namespace {

TEST(PlanBatches, HoldsEachSequenceOnceWithinTheBudget) {
  const bool holds = rc::check([](const std::vector<std::uint8_t>& drawn, std::uint8_t budget, std::uint8_t least) {
    const std::vector<std::uint64_t> lengths(drawn.begin(), drawn.end());
    const auto batches = plan_batches(lengths, {budget, least});
    std::vector<std::uint32_t> all;
    for (const auto& batch : batches) {
      RC_ASSERT(!batch.empty());
      std::uint64_t tokens = 0;
      for (const auto sequence : batch) {
        if (!all.empty()) RC_ASSERT(lengths[all.back()] >= lengths[sequence]);
        all.push_back(sequence);
        tokens += lengths[sequence];
      }
      RC_ASSERT(batch.size() == 1 || tokens <= budget);
    }
    std::sort(all.begin(), all.end());
    RC_ASSERT(all.size() == lengths.size());
    for (std::size_t i = 0; i < all.size(); ++i) RC_ASSERT(all[i] == i);
  });
  EXPECT_TRUE(holds);
}

TEST(PlanBatches, ShrinkTowardsTheEnd) {
  const std::vector<std::uint64_t> lengths(4000, 10);
  std::vector<std::size_t> tokens;
  for (const auto& batch : plan_batches(lengths, {1000, 100})) tokens.push_back(10 * batch.size());
  EXPECT_EQ(tokens.front(), 1000U);
  EXPECT_TRUE(std::is_sorted(tokens.rbegin(), tokens.rend()));
  EXPECT_LE(tokens.back(), 100U);
  for (const auto& batch : plan_batches(lengths, {1000, 1000})) EXPECT_EQ(batch.size(), 100U);
}

class RunBatches : public testing::TestWithParam<bool> {};

TEST_P(RunBatches, HalvesWhatDoesNotFit) {
  std::vector<std::uint32_t> all(23);
  std::iota(all.begin(), all.end(), 0);
  std::mutex mutex;
  std::multiset<std::uint32_t> done;
  const auto failed = run_batches({all, {40, 41}}, {GetParam(), {}}, [&](std::span<const std::uint32_t> batch) {
    const bool holds_large = std::find(batch.begin(), batch.end(), 17) != batch.end();
    if (batch.size() > 3 || holds_large) throw std::bad_alloc();
    const std::lock_guard lock(mutex);
    done.insert(batch.begin(), batch.end());
  });
  EXPECT_EQ(failed, std::vector<std::uint32_t>{17});
  EXPECT_EQ(done.size(), 24U);
  EXPECT_EQ(done.count(17), 0U);
  for (const auto sequence : done) EXPECT_EQ(done.count(sequence), 1U);
}

TEST_P(RunBatches, OtherErrorsEndIt) {
  const auto run = [&] {
    run_batches({{0}, {1}}, {GetParam(), {}},
                [](std::span<const std::uint32_t>) { throw std::runtime_error("broken"); });
  };
  EXPECT_THROW(run(), std::runtime_error);
}

TEST_P(RunBatches, WhoeverWatchesMayEndIt) {
  std::atomic<int> begun = 0;
  std::atomic<int> done = 0;
  const BatchRun how{GetParam(), [&] {
                       if (++begun > 20) throw 7;  // no exception of the standard library: nothing may hold it back
                     }};
  const std::vector<BatchIndices> batches(1000, BatchIndices{0});
  EXPECT_THROW(run_batches(batches, how, [&](std::span<const std::uint32_t>) { ++done; }), int);
  EXPECT_EQ(done, 20);
}

INSTANTIATE_TEST_SUITE_P(Threads, RunBatches, testing::Bool());

TEST(FindDistinct, NamesTheFirstOfEachKind) {
  const std::vector<std::string_view> texts{"b", "a", "b", "", "a", ""};
  const auto distinct = find_distinct(texts.size(), [&](std::size_t i) { return texts[i]; });
  EXPECT_EQ(distinct.first, (std::vector<std::uint32_t>{0, 1, 3}));
  EXPECT_EQ(distinct.of_sequence, (std::vector<std::uint32_t>{0, 1, 0, 2, 1, 2}));
}

}  // namespace
}  // namespace farpoint::models
