// SPDX-License-Identifier: Apache-2.0
#include "corpus/byte_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "corpus/compressed.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string sample_text(std::size_t bytes) {
  std::string text;
  for (std::uint64_t line = 0; text.size() < bytes; ++line) text += std::to_string(line * 2654435761U) + '\n';
  text.resize(bytes);
  return text;
}

std::string read_all(ByteSource& source, std::size_t step) {
  std::string all;
  std::string buffer(step, '\0');
  for (;;) {
    const std::size_t count = source.read(buffer);
    all.append(buffer, 0, count);
    if (count < step) return all;
  }
}

std::string read_file(const std::filesystem::path& path, std::size_t step = 4096) {
  return read_all(*open_bytes(path, compression_of(path)), step);
}

class ByteSourceTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

TEST_F(ByteSourceTest, YieldsTheContentWhateverTheCompressionAndTheStep) {
  const std::string text = sample_text(700'000);
  const auto plain = folder_.write("a.txt", text);
  const auto gzip = folder_.write("a.txt.gz", gzipped(text));
  const auto zstd = folder_.write("a.txt.zst", zstandard(text));
  for (const std::size_t step : {1'000U, 65'536U, 700'000U, 1'000'000U}) {
    EXPECT_EQ(read_file(plain, step), text);
    EXPECT_EQ(read_file(gzip, step), text);
    EXPECT_EQ(read_file(zstd, step), text);
  }
}

TEST_F(ByteSourceTest, EmptyContentIsEmpty) {
  EXPECT_EQ(read_file(folder_.write("a", "")), "");
  EXPECT_EQ(read_file(folder_.write("a.gz", gzipped(""))), "");
  EXPECT_EQ(read_file(folder_.write("a.zst", zstandard(""))), "");
}

TEST_F(ByteSourceTest, JoinsGzipMembersAndZstdFrames) {
  EXPECT_EQ(read_file(folder_.write("a.gz", gzipped("one ") + gzipped("") + gzipped("two"))), "one two");
  EXPECT_EQ(read_file(folder_.write("a.zst", zstandard("one ") + zstandard("") + zstandard("two"))), "one two");
}

TEST_F(ByteSourceTest, IgnoresZerosBehindAGzipMember) {
  EXPECT_EQ(read_file(folder_.write("a.gz", gzipped("one") + std::string(512, '\0'))), "one");
}

TEST_F(ByteSourceTest, RefusesGarbageBehindCompressedData) {
  const auto gzip = folder_.write("a.gz", gzipped("one") + "garbage");
  const auto zstd = folder_.write("a.zst", zstandard("one") + "garbage");
  EXPECT_THAT([&] { read_file(gzip); }, ThrowsMessage<Error>(HasSubstr(gzip.string())));
  EXPECT_THAT([&] { read_file(zstd); }, ThrowsMessage<Error>(HasSubstr(zstd.string())));
}

TEST_F(ByteSourceTest, RefusesDataCutOffAnywhere) {
  const std::string gzip = gzipped(sample_text(200));
  for (std::size_t length = 0; length < gzip.size(); ++length) {
    const auto path = folder_.write("a.gz", gzip.substr(0, length));
    EXPECT_THAT([&] { read_file(path); }, ThrowsMessage<Error>(HasSubstr(path.string()))) << length;
  }
  const std::string zstd = zstandard(sample_text(200));
  for (std::size_t length = 0; length < zstd.size(); ++length) {
    const auto path = folder_.write("a.zst", zstd.substr(0, length));
    EXPECT_THAT([&] { read_file(path); }, ThrowsMessage<Error>(HasSubstr(path.string()))) << length;
  }
}

TEST_F(ByteSourceTest, RefusesALastMemberOrFrameThatIsCutOff) {
  const std::string gzip = gzipped(sample_text(200));
  const std::string zstd = zstandard(sample_text(200));
  EXPECT_THROW(read_file(folder_.write("a.gz", gzip + gzip.substr(0, gzip.size() / 2))), Error);
  EXPECT_THROW(read_file(folder_.write("a.zst", zstd + zstd.substr(0, zstd.size() / 2))), Error);
}

TEST_F(ByteSourceTest, RefusesDamagedData) {
  std::string gzip = gzipped(sample_text(10'000));
  std::string zstd = zstandard(sample_text(10'000));
  gzip[gzip.size() / 2] ^= 0x10;
  zstd[zstd.size() / 2] ^= 0x10;
  EXPECT_THROW(read_file(folder_.write("a.gz", gzip)), Error);
  EXPECT_THROW(read_file(folder_.write("a.zst", zstd)), Error);
  EXPECT_THROW(read_file(folder_.write("b.gz", "{\"text\": \"not compressed\"}")), Error);
  EXPECT_THROW(read_file(folder_.write("b.zst", "{\"text\": \"not compressed\"}")), Error);
}

TEST_F(ByteSourceTest, SaysHowToCompressDataWithTooWideAWindow) {
  // A frame header with a window of 2^28 bytes, and one empty raw block, the last.
  const std::string frame("\x28\xB5\x2F\xFD\x00\x90\x01\x00\x00", 9);
  const auto path = folder_.write("a.zst", frame);
  EXPECT_THAT([&] { read_file(path); }, ThrowsMessage<Error>(HasSubstr("--long=27")));
}

TEST_F(ByteSourceTest, SeekGoesOnAtTheOffset) {
  const std::string text = sample_text(600'000);
  for (const auto& path :
       {folder_.write("a", text), folder_.write("a.gz", gzipped(text)), folder_.write("a.zst", zstandard(text))}) {
    const auto source = open_bytes(path, compression_of(path));
    source->seek(400'000);
    std::string word(10, '\0');
    source->read(word);
    EXPECT_EQ(word, text.substr(400'000, 10));
    source->seek(500'000);
    EXPECT_EQ(read_all(*source, 4096), text.substr(500'000));
  }
}

TEST_F(ByteSourceTest, OnlyPlainFilesGoBack) {
  const std::string text = sample_text(1'000);
  std::string word(10, '\0');
  const auto plain = open_bytes(folder_.write("a", text), Compression::none);
  plain->read(word);
  plain->seek(5);
  EXPECT_EQ(read_all(*plain, 4096), text.substr(5));
  for (const auto& path : {folder_.write("a.gz", gzipped(text)), folder_.write("a.zst", zstandard(text))}) {
    const auto source = open_bytes(path, compression_of(path));
    source->read(word);
    EXPECT_THROW(source->seek(5), std::logic_error);
  }
}

TEST_F(ByteSourceTest, SeekBehindTheEndReadsNothing) {
  for (const auto& path : {folder_.write("a", "abc"), folder_.write("a.gz", gzipped("abc"))}) {
    const auto source = open_bytes(path, compression_of(path));
    source->seek(1'000);
    EXPECT_EQ(read_all(*source, 10), "");
  }
}

TEST_F(ByteSourceTest, NamesAFileThatCannotBeRead) {
  const auto missing = folder_.path() / "missing.jsonl";
  EXPECT_THAT([&] { open_bytes(missing, Compression::none); }, ThrowsMessage<Error>(HasSubstr(missing.string())));
  EXPECT_THAT([&] { read_file(folder_.path()); }, ThrowsMessage<Error>(HasSubstr(folder_.path().string())));
}

}  // namespace
}  // namespace farpoint::corpus
