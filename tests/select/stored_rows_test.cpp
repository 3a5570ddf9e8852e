// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/stored_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace farpoint::select {
namespace {

class Stored : public testing::TestWithParam<Storage> {};

TEST_P(Stored, GivesBackWhatRoundingMakes) {
  const std::vector<float> numbers{0.1F, -0.3F, 2049, 1e-6F, 0, -70.7F};
  auto rounded = numbers;
  round_to(GetParam(), rounded);
  StoredRows rows(GetParam(), 2);
  rows.reserve(3);
  for (std::size_t row = 0; row < 3; ++row) rows.append(std::span(numbers).subspan(2 * row, 2));
  const std::vector<std::uint64_t> ids{4, 5, 9};

  RowBlock block(rows.view(ids), 3);
  const std::vector<std::uint32_t> some{2, 0};
  const auto read = block.load(some);

  EXPECT_THAT(std::span(read[0], 2), testing::ElementsAreArray(std::span(rounded).subspan(4, 2)));
  EXPECT_THAT(std::span(read[1], 2), testing::ElementsAreArray(std::span(rounded).first(2)));
  EXPECT_THAT(std::span(block.load_range(1, 2)[0], 2), testing::ElementsAreArray(std::span(rounded).subspan(2, 2)));
  EXPECT_EQ(rows.view(ids).numbers(), 6);
  EXPECT_EQ(rows.size(), 3);
}

TEST_P(Stored, CopiesOfABlockDoNotShareIt) {
  StoredRows rows(GetParam(), 1);
  for (const float number : {1.0F, 2.0F, 3.0F}) rows.append(std::span(&number, 1));
  const std::vector<std::uint64_t> ids{4, 5, 9};

  std::vector<RowBlock> blocks(2, RowBlock(rows.view(ids), 1));
  const auto first = blocks[0].load_range(0, 1);
  const auto second = blocks[1].load_range(2, 1);

  EXPECT_EQ(*first[0], 1);
  EXPECT_EQ(*second[0], 3);
}

INSTANTIATE_TEST_SUITE_P(Storages, Stored, testing::Values(Storage::float32, Storage::float16, Storage::bfloat16));

}  // namespace
}  // namespace farpoint::select
