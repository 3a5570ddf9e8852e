// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/budget.hpp"

#include <gtest/gtest.h>

namespace farpoint::select {
namespace {

TEST(Ledger, IsFullWithItsRecords) {
  Ledger ledger({.records = 2});

  EXPECT_TRUE(ledger.take(0, 5));
  EXPECT_FALSE(ledger.is_full());
  EXPECT_TRUE(ledger.take(0, 5));
  EXPECT_TRUE(ledger.is_full());
  EXPECT_FALSE(ledger.is_open(0));
  EXPECT_EQ(ledger.tokens(), 10);
  EXPECT_TRUE(Ledger({.records = 0}).is_full());
}

TEST(Ledger, StopsAtTheFirstRecordThatDoesNotFit) {
  Ledger ledger({.tokens = 10});

  EXPECT_TRUE(ledger.take(0, 7));
  EXPECT_FALSE(ledger.take(0, 4));
  EXPECT_TRUE(ledger.is_full());
  EXPECT_EQ(ledger.records(), 1);
  EXPECT_EQ(ledger.tokens(), 7);
}

TEST(Ledger, FillsMinimaFirst) {
  Ledger ledger({.records = 4, .labels = {{.least = 1}, {.least = 0}, {.least = 1, .most = 1}}});

  EXPECT_TRUE(ledger.is_open(0));
  EXPECT_FALSE(ledger.is_open(1));
  ledger.take(0, 0);
  EXPECT_FALSE(ledger.is_open(0));
  EXPECT_FALSE(ledger.minima_met());
  ledger.take(2, 0);
  EXPECT_TRUE(ledger.minima_met());
  EXPECT_TRUE(ledger.is_open(0));
  EXPECT_TRUE(ledger.is_open(1));
  EXPECT_FALSE(ledger.is_open(2));
}

TEST(Ledger, GoesOnWithoutMinimaThatCannotBeMet) {
  Ledger ledger({.labels = {{.least = 3}, {}}});

  ledger.take(0, 0);
  EXPECT_FALSE(ledger.is_open(1));
  ledger.give_up_minima();
  EXPECT_TRUE(ledger.is_open(0));
  EXPECT_TRUE(ledger.is_open(1));
}

TEST(Ledger, IsFullWhenEveryLabelHasItsMost) {
  Ledger ledger({.labels = {{.most = 1}, {.least = 5, .most = 0}, {.most = 1}}});

  EXPECT_TRUE(ledger.minima_met());
  ledger.take(0, 0);
  EXPECT_FALSE(ledger.is_full());
  ledger.take(2, 0);
  EXPECT_TRUE(ledger.is_full());
  EXPECT_TRUE(Ledger({.labels = {{.most = 0}}}).is_full());
}

TEST(Ledger, CountsWhatMustBeKept) {
  Ledger ledger({.records = 3, .tokens = 10, .labels = {{.most = 1}, {}}});

  ledger.take_anyway(0, 20);
  ledger.take_anyway(0, 20);
  EXPECT_EQ(ledger.records_of(0), 2);
  EXPECT_FALSE(ledger.is_open(0));
  EXPECT_TRUE(ledger.is_open(1));
  EXPECT_FALSE(ledger.take(1, 1));
  EXPECT_TRUE(ledger.is_full());
}

}  // namespace
}  // namespace farpoint::select
