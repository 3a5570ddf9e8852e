// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/store/shard_file.hpp"
#include "store/samples.hpp"

/// LeakSanitizer calls this by its name.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}
// NOLINTEND(bugprone-reserved-identifier)

namespace farpoint::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

void write_plain(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// What a shard says when everything in it is read; nothing when it says that it is damaged.
struct Content {
  Attributes attributes;
  std::vector<Column> columns;
  bool operator==(const Content&) const = default;
};

std::optional<Content> read_everything(const std::filesystem::path& path) {
  try {
    const ShardFile shard(path);
    Content content{shard.attributes(), {}};
    for (const auto& info : shard.columns()) content.columns.push_back(shard.read(info.name));
    return content;
  } catch (const DamagedFile&) {
    return std::nullopt;
  }
}

class ShardDamage : public testing::Test {
 public:
  ~ShardDamage() override {
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");  // HDF5 prints its error stack unless told not to
  }

 protected:
  ShardDamage() {
    write_shard(path_, sample_attributes(), sample_columns());
    bytes_ = read_file(path_);
    testing::internal::CaptureStderr();
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "shard.h5";
  std::string bytes_;
};

/// Flips bits of one byte after the other, `step` bytes apart; returns how many of the flips were found.
std::size_t flip_each(const std::filesystem::path& path, std::size_t step) {
  const auto bytes = read_file(path);
  const auto original = read_everything(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](std::size_t position, char byte) {
    file.seekp(static_cast<std::streamoff>(position)).put(byte).flush();
  };
  std::size_t found = 0;
  for (std::size_t position = 0; position < bytes.size(); position += step) {
    const char flips[] = {'\x01', '\x80', '\xff'};
    put(position, static_cast<char>(bytes[position] ^ flips[position / step % 3]));
    const auto damaged = read_everything(path);
    EXPECT_TRUE(!damaged || damaged == original) << "byte " << position;
    found += damaged ? 0 : 1;
    put(position, bytes[position]);
  }
  EXPECT_EQ(read_everything(path), original);
  return found;
}

TEST_F(ShardDamage, OfAnyByteIsFoundOrHarmless) {
  const auto found = flip_each(path_, 1);

  EXPECT_GT(found, bytes_.size() / 2);  // the rest is room that HDF5 leaves between its blocks
}

TEST_F(ShardDamage, OfALongAttributeIsFound) {
  write_shard(path_, {{"config", std::string(59'000, 'c')}}, sample_columns());

  const auto found = flip_each(path_, 97);

  EXPECT_GT(found, 59'000u / 97);
}

TEST_F(ShardDamage, OfEveryValueIsFound) {
  // Each of these texts stands in the file once: in a column's values, in an attribute.
  for (const std::string_view text : {"zwei", "0123456789abcdef", "embed"}) {
    const auto position = bytes_.find(text);
    ASSERT_NE(position, std::string::npos);
    auto damaged = bytes_;
    damaged[position] ^= 1;
    write_plain(path_, damaged);

    EXPECT_EQ(intact_shard(path_), std::nullopt) << text;
  }
}

TEST_F(ShardDamage, ByTruncationIsFoundAtEveryLength) {
  const std::size_t step = bytes_.size() / 200 + 1;
  for (std::size_t length = 0; length < bytes_.size(); length += length < 300 ? 1 : step) {
    write_plain(path_, std::string_view(bytes_).substr(0, length));

    EXPECT_THROW(ShardFile{path_}, DamagedFile) << length;
    EXPECT_EQ(intact_shard(path_), std::nullopt) << length;
  }
  write_plain(path_, std::string_view(bytes_).substr(0, bytes_.size() - 1));
  EXPECT_THROW(ShardFile{path_}, DamagedFile);
}

TEST_F(ShardDamage, ByZeroedBlocksIsFoundOrHarmless) {
  const auto original = read_everything(path_);
  constexpr std::size_t block = 512;  // what a crashed machine leaves where it had no time to write
  for (std::size_t begin = 0; begin < bytes_.size(); begin += block) {
    auto damaged = bytes_;
    const auto end = std::min(begin + block, bytes_.size());
    std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(begin), damaged.begin() + static_cast<std::ptrdiff_t>(end),
              '\0');
    write_plain(path_, damaged);

    const auto content = read_everything(path_);
    EXPECT_TRUE(!content || content == original) << begin;
    EXPECT_EQ(intact_shard(path_).has_value(), content.has_value()) << begin;
  }
}

TEST_F(ShardDamage, TellsTheFileAndTheWayOut) {
  write_plain(path_, std::string_view(bytes_).substr(0, bytes_.size() / 2));

  EXPECT_THAT([&] { ShardFile{path_}; },
              ThrowsMessage<DamagedFile>(AllOf(HasSubstr(path_.string()), HasSubstr("truncated"),
                                               HasSubstr("delete it and run again: it will be made anew"))));
}

TEST_F(ShardDamage, IsAnUsageErrorForScripts) {
  write_plain(path_, "");

  try {
    const ShardFile shard(path_);
    FAIL() << "an empty file is no shard";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
  }
}

TEST_F(ShardDamage, CoversFilesThatAreNotHdf5) {
  write_plain(path_, "id,text\n1,hello\n");

  EXPECT_THROW(ShardFile{path_}, DamagedFile);
  EXPECT_EQ(intact_shard(path_), std::nullopt);
}

TEST_F(ShardDamage, IsNotToBeMissing) {
  const auto missing = folder_ / "none.h5";

  EXPECT_THAT([&] { ShardFile{missing}; }, ThrowsMessage<Error>(HasSubstr("none.h5: cannot open: No such file")));
  EXPECT_THAT([&] { ShardFile{missing}; }, Not(testing::Throws<DamagedFile>()));
  EXPECT_EQ(intact_shard(missing), std::nullopt);
}

TEST_F(ShardDamage, IsNotToBeAFolder) {
  const auto path = folder_ / "folder.h5";
  std::filesystem::create_directory(path);

  EXPECT_THAT([&] { ShardFile{path}; }, ThrowsMessage<Error>(AllOf(HasSubstr("folder.h5"), HasSubstr("folder"))));
  EXPECT_THAT([&] { ShardFile{path}; }, Not(testing::Throws<DamagedFile>()));
  EXPECT_EQ(intact_shard(path), std::nullopt);
}

}  // namespace
}  // namespace farpoint::store
