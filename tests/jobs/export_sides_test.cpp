// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "export/sides.hpp"

namespace farpoint::jobs {
namespace {

std::vector<std::uint64_t> counts_of(const std::vector<std::uint8_t>& parts, std::size_t count) {
  std::vector<std::uint64_t> counts(count);
  for (const auto part : parts) ++counts[part];
  return counts;
}

TEST(PartSizes, LargestRemaindersGetWhatIsLeft) {
  const std::vector<std::uint64_t> strata{15, 4, 1};
  const std::vector<double> tenth{0.1};
  // 1.5, 0.4 and 0.1 of 2.
  EXPECT_EQ(part_sizes(strata, tenth), (std::vector<std::vector<std::uint64_t>>{{2, 0, 0}}));
  const std::vector<std::uint64_t> tens{10, 10, 10};
  const std::vector<double> shares{0.3, 0.3};
  EXPECT_EQ(part_sizes(tens, shares), (std::vector<std::vector<std::uint64_t>>{{3, 3, 3}, {3, 3, 3}}));
}

RC_GTEST_PROP(PartSizes, AreWithinOneOfTheExactShares, ()) {
  const auto sizes = *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 50));
  const double share = *rc::gen::inRange(1, 100) / 100.0;
  const auto parts = part_sizes(sizes, std::vector{share});
  const auto total = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  const auto taken = std::accumulate(parts[0].begin(), parts[0].end(), std::uint64_t{0});
  RC_ASSERT(taken == static_cast<std::uint64_t>(std::llround(static_cast<double>(total) * share)));
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    RC_ASSERT(std::abs(static_cast<double>(parts[0][s]) - static_cast<double>(sizes[s]) * share) < 1 + 1e-6);
  }
}

/// Records in clusters and strata, drawn at random.
SplitRecords drawn(std::size_t count, std::uint64_t clusters) {
  SplitRecords records;
  for (std::size_t i = 0; i < count; ++i) {
    const auto cluster = *rc::gen::inRange<std::uint64_t>(0, clusters);
    records.cluster.push_back(cluster);
    records.key.push_back(cluster * 0x9E3779B97F4A7C15);
    records.stratum.push_back(*rc::gen::inRange<std::uint32_t>(0, 3));
  }
  return records;
}

RC_GTEST_PROP(ChooseParts, ClustersStayTogether, ()) {
  const auto records = drawn(*rc::gen::inRange<std::size_t>(0, 80), *rc::gen::inRange<std::uint64_t>(1, 40));
  const auto parts = choose_parts(records, std::vector{0.2, 0.3});
  RC_ASSERT(parts.size() == records.cluster.size());
  std::map<std::uint64_t, std::uint8_t> part_of;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    RC_ASSERT(part_of.emplace(records.cluster[i], parts[i]).first->second == parts[i]);
  }
}

RC_GTEST_PROP(ChooseParts, SingleRecordsMeetEveryShare, ()) {
  auto records = drawn(*rc::gen::inRange<std::size_t>(1, 100), 1);
  for (std::size_t i = 0; i < records.cluster.size(); ++i) {
    records.cluster[i] = i;
    records.key[i] = i * 0x9E3779B97F4A7C15;
  }
  const std::vector<double> shares{0.1, 0.25};
  const auto parts = choose_parts(records, shares);
  std::vector<std::uint64_t> strata(3);
  for (const auto stratum : records.stratum) ++strata[stratum];
  std::vector<std::vector<std::uint64_t>> got(2, std::vector<std::uint64_t>(3));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] > 0) ++got[parts[i] - 1][records.stratum[i]];
  }
  RC_ASSERT(got == part_sizes(strata, shares));
}

RC_GTEST_PROP(ChooseParts, ShareIsMissedByLessThanTheSmallestClusterLeft, ()) {
  const auto records = drawn(*rc::gen::inRange<std::size_t>(1, 80), *rc::gen::inRange<std::uint64_t>(1, 30));
  const auto parts = choose_parts(records, std::vector{0.3});
  const auto wanted = std::llround(static_cast<double>(parts.size()) * 0.3);
  const auto got = static_cast<std::int64_t>(counts_of(parts, 2)[1]);
  std::map<std::uint64_t, std::int64_t> left;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == 0) ++left[records.cluster[i]];
  }
  // No cluster that was left behind would have brought it nearer.
  for (const auto& [cluster, size] : left) RC_ASSERT(std::abs(got + size - wanted) >= std::abs(got - wanted));
}

TEST(ChooseParts, OrderOfRecordsDoesNotMatter) {
  SplitRecords records, turned;
  for (std::uint64_t i = 0; i < 100; ++i) {
    records.cluster.push_back(i / 2);
    records.key.push_back((i / 2) * 7919 % 101);
    records.stratum.push_back(i % 5 == 0 ? 1 : 0);
  }
  for (std::size_t i = 100; i-- > 0;) {
    turned.cluster.push_back(records.cluster[i]);
    turned.key.push_back(records.key[i]);
    turned.stratum.push_back(records.stratum[i]);
  }
  const std::vector<double> shares{0.2};
  auto parts = choose_parts(turned, shares);
  std::reverse(parts.begin(), parts.end());
  EXPECT_EQ(choose_parts(records, shares), parts);
}

}  // namespace
}  // namespace farpoint::jobs
