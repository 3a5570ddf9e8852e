// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>

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

const ProgressState half{"embed-emb", 4500, 9000, "records", 15};

TEST(Progress, LineOfALog) {
  EXPECT_EQ(progress_line(half), "embed-emb          4,500 of 9,000 records, 300 records/s, 15.0 s left");
  EXPECT_EQ(progress_line({"select", 20, 0, "picks", 10}), "select             20 picks, 2 picks/s");
  EXPECT_EQ(progress_line({"ingest", 0, 2000, "bytes", 0}), "ingest             0 B of 2.0 kB, 0 B/s");
}

TEST(Progress, WhatAnEarlierRunDidTookNoTime) {
  EXPECT_EQ(progress_line({"embed-emb", 4500, 9000, "records", 15, 3000}),
            "embed-emb          4,500 of 9,000 records, 100 records/s, 45.0 s left");
  EXPECT_EQ(progress_line({"embed-emb", 4500, 9000, "records", 15, 4500}),
            "embed-emb          4,500 of 9,000 records, 0 records/s");
}

TEST(Progress, BarOfATerminal) {
  EXPECT_EQ(progress_bar(half, 200, false),
            "embed-emb      [============>           ]  4,500 / 9,000  300 records/s  15.0 s left");
  EXPECT_EQ(progress_bar({"embed-emb", 9000, 9000, "records", 15}, 200, false).substr(15, 26),
            "[" + std::string(24, '=') + "]");
  EXPECT_EQ(progress_bar({"select", 20, 0, "picks", 10}, 200, false), "select          20  2 picks/s");
}

TEST(Progress, BarIsAsWideAsThereIsRoom) {
  EXPECT_EQ(progress_bar(half, 72, false), "embed-emb      [=====>     ]  4,500 / 9,000  300 records/s  15.0 s left");
  for (std::size_t columns = 0; columns < 120; ++columns) {
    EXPECT_LT(progress_bar(half, columns, false).size(), std::max<std::size_t>(columns, 1)) << columns;
  }
  EXPECT_EQ(progress_bar(half, 60, false), "embed-emb       4,500 / 9,000  300 records/s  15.0 s left");
}

}  // namespace
}  // namespace farpoint::pipeline
