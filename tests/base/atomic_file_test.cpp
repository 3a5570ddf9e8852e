// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>

#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint {
namespace {

TEST(AtomicFile, HasItsNameOnlyWhenComplete) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a/b.txt");
  file.write("content");
  EXPECT_FALSE(std::filesystem::exists(folder / "a/b.txt"));

  file.commit();

  EXPECT_EQ(read_file(folder / "a/b.txt"), "content");
  EXPECT_FALSE(std::filesystem::exists(temporary_name(folder / "a/b.txt")));
}

TEST(AtomicFile, WithoutCommitNothingIsLeft) {
  const TemporaryFolder folder;
  write_file(folder / "kept.txt", "before");
  {
    AtomicFile file(folder / "kept.txt");
    file.write("half");
  }
  EXPECT_EQ(read_file(folder / "kept.txt"), "before");
  EXPECT_FALSE(std::filesystem::exists(temporary_name(folder / "kept.txt")));
}

TEST(AtomicFile, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  for (const auto& path : {folder / "file" / "below", std::filesystem::path("/proc/no/file")}) {
    try {
      AtomicFile file(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(read_file(folder / "missing"), Error);
}

TEST(AtomicFile, FailedCommitLeavesNothing) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "out");
  file.write("content");
  // A folder with something in it cannot be replaced.
  write_file(folder / "out/inside", "");

  EXPECT_THROW(file.commit(), Error);

  EXPECT_FALSE(std::filesystem::exists(temporary_name(folder / "out")));
  EXPECT_TRUE(std::filesystem::exists(folder / "out/inside"));
}

TEST(AtomicFile, WritesWhatALinkLeadsTo) {
  const TemporaryFolder folder;
  write_file(folder / "data/old.txt", "before");
  std::filesystem::create_symlink("data/old.txt", folder / "relative");
  std::filesystem::create_symlink(folder / "relative", folder / "chain");
  std::filesystem::create_symlink("data/new.txt", folder / "dangling");

  write_file(folder / "chain", "old");
  write_file(folder / "dangling", "new");

  EXPECT_EQ(read_file(folder / "data/old.txt"), "old");
  EXPECT_EQ(read_file(folder / "data/new.txt"), "new");
  for (const auto* link : {"relative", "chain", "dangling"}) EXPECT_TRUE(std::filesystem::is_symlink(folder / link));
  EXPECT_FALSE(std::filesystem::exists(temporary_name(folder / "data/old.txt")));
}

TEST(AtomicFile, LinksInACircleAreAnError) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("b", folder / "a");
  std::filesystem::create_symlink("a", folder / "b");
  EXPECT_THROW(AtomicFile{folder / "a"}, Error);
}

TEST(AtomicFile, APipeIsWrittenTo) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", folder / "link");
  auto reader = std::async(std::launch::async, [&] { return read_file(folder / "pipe"); });

  write_file(folder / "link", "content");

  EXPECT_EQ(reader.get(), "content");
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
}

TEST(AtomicFile, FullDeviceIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  const TemporaryFolder folder;
  // Writing goes through the temporary name, so that is where the full device must stand.
  std::filesystem::create_symlink("/dev/full", temporary_name(folder / "out"));
  AtomicFile file(folder / "out");

  EXPECT_THROW(
      {
        file.write(std::string(1 << 20, 'x'));
        file.commit();
      },
      Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

}  // namespace
}  // namespace farpoint
