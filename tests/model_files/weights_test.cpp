// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/weights.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/error.hpp"
#include "model_files/files.hpp"

namespace farpoint::model_files {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

class WeightsTest : public testing::Test {
 protected:
  void write_index(const std::string& map, const std::string& total_size = "6") const {
    write(folder_ / "model.safetensors.index.json",
          fmt::format(R"({{"metadata":{{"total_size":{}}},"weight_map":{}}})", total_size, map));
  }
  void write_two_shards() const {
    write(folder_ / "a.safetensors", three_bytes("one"));
    write(folder_ / "b.safetensors", three_bytes("two"));
    write_index(R"({"two":"b.safetensors","one":"a.safetensors"})");
  }
  void expect_refused(const std::string& why) const {
    EXPECT_THAT([&] { Weights::open(folder_.path()); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr(folder_.path().string()), HasSubstr(why))));
  }
  TemporaryFolder folder_;
};

TEST_F(WeightsTest, ReadsASingleFile) {
  write(folder_ / "model.safetensors", three_bytes("one"));
  const Weights weights = Weights::open(folder_.path());
  EXPECT_EQ(weights.at("one").elements(), 3);
  EXPECT_EQ(weights.find("two"), nullptr);
  EXPECT_THAT([&] { weights.at("two"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr(folder_.path().string()), HasSubstr("\"two\""))));
  EXPECT_EQ(weights.bytes(), 3U);
  EXPECT_THAT(weights.files(), SizeIs(1));
  weights.prefetch();
}

TEST_F(WeightsTest, ReadsShards) {
  write_two_shards();
  const Weights weights = Weights::open(folder_.path());
  ASSERT_THAT(weights.tensors(), SizeIs(2));
  EXPECT_EQ(weights.tensors()[0].name, "one");
  EXPECT_EQ(weights.tensors()[1].name, "two");
  EXPECT_EQ(weights.bytes(), 6U);
  EXPECT_EQ(weights.files()[1].file_bytes(), three_bytes("two").size());
  EXPECT_THAT(weight_files(folder_.path()), ElementsAre(folder_ / "model.safetensors.index.json",
                                                        folder_ / "a.safetensors", folder_ / "b.safetensors"));
}

TEST_F(WeightsTest, TheSingleFileWins) {
  write_two_shards();
  write(folder_ / "model.safetensors", three_bytes("three"));
  EXPECT_THAT(Weights::open(folder_.path()).tensors(), SizeIs(1));
  EXPECT_THAT(weight_files(folder_.path()), ElementsAre(folder_ / "model.safetensors"));
}

TEST_F(WeightsTest, AnotherTotalSizeIsOnlyAWarning) {
  write_two_shards();
  for (const char* total : {"7", "6.0", "null"}) {
    write_index(R"({"two":"b.safetensors","one":"a.safetensors"})", total);
    EXPECT_THAT(Weights::open(folder_.path()).tensors(), SizeIs(2));
  }
}

TEST_F(WeightsTest, SaysHowToConvertPickles) {
  expect_refused("neither model.safetensors nor");
  write(folder_ / "pytorch_model.bin", "");
  expect_refused("save_pretrained");
}

TEST_F(WeightsTest, NamesInTheIndexAreNamesOfFilesInTheFolder) {
  write_two_shards();
  for (const char* name : {"../a.safetensors", "/a.safetensors", "x/a.safetensors", "a.bin", "", ".safetensors"}) {
    write_index(fmt::format(R"({{"one":"{}"}})", name));
    expect_refused("a .safetensors file in the same folder");
  }
  write_index(R"({"one":1})");
  expect_refused("it should be a text");
  write_index("{}");
  expect_refused("it names no file");
  write_index("[]");
  expect_refused("it should be a JSON object");
  write(folder_ / "model.safetensors.index.json", "{}");
  expect_refused("weight_map");
  write_index(R"({"one":"c.safetensors"})");
  expect_refused("names c.safetensors, which is not there");
}

TEST_F(WeightsTest, IndexAndFilesAgree) {
  write_two_shards();
  write_index(R"({"two":"a.safetensors","one":"b.safetensors"})");
  expect_refused(R"(says that the tensor "one" is in b.safetensors, but it is not)");
  write_index(R"({"two":"b.safetensors","one":"a.safetensors","three":"b.safetensors"})");
  expect_refused(R"(says that the tensor "three" is in b.safetensors)");
  write(folder_ / "b.safetensors", three_bytes("one"));
  write_index(R"({"two":"b.safetensors","one":"a.safetensors"})");
  expect_refused(R"(the tensor "one" is in a.safetensors and in b.safetensors)");
}

TEST_F(WeightsTest, DamagedFilesAreRefusedByName) {
  write_two_shards();
  write(folder_ / "b.safetensors", three_bytes("two") + "x");
  expect_refused("b.safetensors: 1 bytes behind the last tensor");
}

}  // namespace
}  // namespace farpoint::model_files
