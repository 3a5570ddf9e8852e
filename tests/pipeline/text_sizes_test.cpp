// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/text_sizes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace farpoint::pipeline {
namespace {

TextSizes sizes_of(const std::vector<std::uint64_t>& bytes) {
  TextSizes sizes;
  for (const auto one : bytes) sizes.add(one);
  return sizes;
}

RC_GTEST_PROP(TextSizes, ACostByBytesIsExact, (std::vector<std::uint32_t> lengths)) {
  const std::vector<std::uint64_t> bytes(lengths.begin(), lengths.end());
  const auto sum = std::accumulate(bytes.begin(), bytes.end(), 0.0);
  RC_ASSERT(std::abs(sizes_of(bytes).cost([](double one) { return one; }) - sum) <= 1e-9 * sum);
}

RC_GTEST_PROP(TextSizes, ACostBySquaresIsNoMoreThanAnEighthLow, (std::vector<std::uint32_t> lengths)) {
  const std::vector<std::uint64_t> bytes(lengths.begin(), lengths.end());
  double sum = 0;
  for (const auto one : bytes) sum += static_cast<double>(one) * static_cast<double>(one);
  const double estimated = sizes_of(bytes).cost([](double one) { return one * one; });
  // Of two lengths as far apart as a class allows, a third as many short ones: 8/9.
  RC_ASSERT(estimated <= sum * (1 + 1e-9));
  RC_ASSERT(estimated >= sum * 0.875);
}

RC_GTEST_PROP(TextSizes, SurvivesItsText, (std::vector<std::uint32_t> lengths)) {
  const auto sizes = sizes_of({lengths.begin(), lengths.end()});
  RC_ASSERT(TextSizes::from_text(sizes.to_text()) == sizes);
}

TEST(TextSizes, OtherTextsAreEmpty) {
  for (const char* text :
       {"", "x", "1", "1:2", "1;2;3", "1:2:3 x", "1:2:3 4:5", "1:2:3x", "1:2:3:", "1::3", "99999999999:2:3", "1:0:0"}) {
    EXPECT_TRUE(TextSizes::from_text(text).empty()) << text;
  }
}

TEST(TextSizes, AreClassesRecordsAndBytes) {
  EXPECT_EQ(sizes_of({40, 60, 100}).to_text(), "6:2:100 7:1:100");
}

}  // namespace
}  // namespace farpoint::pipeline
