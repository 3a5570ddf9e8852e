// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stage_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

using Numbers = std::vector<std::uint64_t>;

std::string refusal_of(const std::vector<store::Column>& columns) {
  const TemporaryFolder folder;
  store::write_shard(folder / "shard.h5", {}, columns);
  try {
    open_shard_file(folder / "shard.h5");
  } catch (const store::DamagedFile& error) {
    return error.what();
  }
  return "";
}

TEST(OpenShardFile, ColumnsOfTheSameRecordsAreOfOneLength) {
  EXPECT_EQ(refusal_of({{"id", Numbers{1, 2, 3}}, {"score", std::vector<double>{1, 2, 3}}}), "");
  EXPECT_EQ(refusal_of({{"id", Numbers{1, 2, 3}}, {"kept", Numbers{2}}, {"files", store::Strings{}}}), "");
  EXPECT_EQ(refusal_of({{"id", Numbers{1, 2}}, {"rejects/id", Numbers{3}}, {"trace/id", Numbers{1, 2, 3}}}), "");
  EXPECT_EQ(refusal_of({{"id", Numbers{1, 2}}, {"emb", std::vector<float>{1, 2, 3, 4, 5, 6}, 3}}), "");
  EXPECT_THAT(refusal_of({{"id", Numbers{1, 2, 3}}, {"line", Numbers{1, 2}}}),
              testing::HasSubstr("column 'line' has 2 rows, and 'id' has 3; delete the file and run again"));
  EXPECT_THAT(refusal_of({{"id", Numbers{}}, {"rejects/id", Numbers{1}}, {"rejects/line", Numbers{1, 2}}}),
              testing::HasSubstr("column 'rejects/line' has 2 rows, and 'rejects/id' has 1"));
}

}  // namespace
}  // namespace farpoint::pipeline
