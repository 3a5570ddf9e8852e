// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/atomic_file.hpp"

#include <gtest/gtest.h>

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
