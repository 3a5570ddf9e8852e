// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/sample.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "corpus/compressed.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

/// Lines of about 60 bytes, or of up to 140 towards the end: there the front alone would mislead.
std::string sampled_lines(int count, int growth = 0) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    const int length = 40 + growth * i / count + (i * 7919) % 13;
    std::string text;
    for (int k = 0; k < length; ++k) {
      text +=
          static_cast<char>('a' + random_bits(0, static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(k)) % 26);
    }
    lines += fmt::format("{{\"text\": \"{}\"}}\n", text);
  }
  return lines;
}

class SampleOfFile : public ::testing::Test {
 protected:
  InputFile file(const std::string& name, const std::string& content, Format format = Format::jsonl) {
    InputFile input;
    input.path = folder_.write(name, content);
    input.format = format;
    input.compression = compression_of(input.path);
    input.bytes = content.size();
    return input;
  }

  TemporaryFolder folder_;
};

TEST_F(SampleOfFile, SmallFilesAreCounted) {
  const auto content = sampled_lines(100);
  const auto sample = sample_file(file("a.jsonl", content), {});
  EXPECT_TRUE(sample.is_exact);
  EXPECT_EQ(sample.records, 100U);
  EXPECT_EQ(sample.bytes, content.size());
  EXPECT_EQ(sample.texts.size(), 64U);
  EXPECT_EQ(sample.texts.front(), content.substr(0, content.find('\n')));
}

TEST_F(SampleOfFile, LargeFilesAreReadInStretchesAllOverThem) {
  constexpr int count = 40000;
  const auto content = sampled_lines(count, 80);
  const auto input = file("a.jsonl", content);
  const auto sample = sample_file(input, {100'000, 64, 5});
  EXPECT_FALSE(sample.is_exact);
  EXPECT_EQ(sample.bytes, content.size());
  EXPECT_NEAR(static_cast<double>(sample.records), count, 0.05 * count);
  // The front's lines are 60 bytes shorter than the last ones.
  EXPECT_GT(sample.texts.back().size(), sample.texts.front().size() + 40);
  const auto again = sample_file(input, {100'000, 64, 5});
  EXPECT_EQ(again.records, sample.records);
  EXPECT_EQ(again.texts, sample.texts);
  EXPECT_NE(sample_file(input, {100'000, 64, 6}).texts, sample.texts);
}

TEST_F(SampleOfFile, CompressedFilesGrowByTheRatioOfTheirFront) {
  const auto content = sampled_lines(30000);
  const std::vector<InputFile> files{file("a.jsonl.gz", gzipped(content)), file("a.jsonl.zst", zstandard(content))};
  for (const auto& input : files) {
    const auto sample = sample_file(input, {500'000, 10, 0});
    EXPECT_FALSE(sample.is_exact);
    EXPECT_NEAR(static_cast<double>(sample.bytes), static_cast<double>(content.size()),
                0.2 * static_cast<double>(content.size()));
    EXPECT_NEAR(static_cast<double>(sample.records), 30000, 0.2 * 30000);
    const auto whole = sample_file(input, {2 * content.size(), 10, 0});
    EXPECT_TRUE(whole.is_exact);
    EXPECT_EQ(whole.records, 30000U);
    EXPECT_EQ(whole.bytes, content.size());
  }
}

TEST_F(SampleOfFile, ArraysAndEmptyFiles) {
  const auto array = sample_file(file("a.json", "[{\"text\": \"a\"}, {\"text\": \"b\"}]", Format::json), {});
  EXPECT_TRUE(array.is_exact);
  EXPECT_EQ(array.records, 2U);
  const auto empty = sample_file(file("b.jsonl", ""), {});
  EXPECT_TRUE(empty.is_exact);
  EXPECT_EQ(empty.records, 0U);
}

TEST_F(SampleOfFile, AnotherFormatIsAnErrorThatNamesTheFile) {
  const auto input = file("broken.jsonl.gz", "this is not gzip");
  try {
    sample_file(input, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("broken.jsonl.gz"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace farpoint::corpus
