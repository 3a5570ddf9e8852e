// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/progress.hpp"

#include <gtest/gtest.h>

namespace farpoint::pipeline {
namespace {

TEST(Format, Counts) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(Format, Amounts) {
  EXPECT_EQ(format_amount(12000, "records"), "12,000 records");
  EXPECT_EQ(format_amount(999, "bytes"), "999 B");
  EXPECT_EQ(format_amount(1.5e9, "bytes"), "1.5 GB");
}

TEST(Format, Durations) {
  EXPECT_EQ(format_duration(0.26), "0.3 s");
  EXPECT_EQ(format_duration(75), "1 min 15 s");
  EXPECT_EQ(format_duration(3700), "1 h 01 min");
}

}  // namespace
}  // namespace farpoint::pipeline
