// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mpi_world.hpp"

TEST(Failing, OnRankOneOnly) {
  EXPECT_NE(farpoint::world().rank(), 1);
}
