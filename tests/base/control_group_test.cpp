// SPDX-License-Identifier: Apache-2.0
#include "base/control_group.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.hpp"

namespace farpoint {
namespace {

void write_group(const std::filesystem::path& folder, const char* limit, const char* used, const char* cached) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "memory.max") << limit << '\n';
  std::ofstream(folder / "memory.current") << used << '\n';
  std::ofstream(folder / "memory.stat") << "anon 5\nactive_file " << cached << "\nshmem 7\ninactive_file 1\n";
}

TEST(ControlGroup, CachedFilesAreFree) {
  const TemporaryFolder root;
  write_group(root / "job", "1000", "900", "499");
  EXPECT_EQ(control_group_memory(root / "job", "/"), 1000U - (900 - 500));
}

TEST(ControlGroup, TheTightestGroupAroundCounts) {
  const TemporaryFolder root;
  write_group(root / "slurm", "1000", "900", "99");
  write_group(root / "slurm/job", "max", "800", "0");
  write_group(root / "slurm/job/step", "5000", "100", "0");
  EXPECT_EQ(control_group_memory(root / ".", "/slurm/job/step"), 200U);
  EXPECT_EQ(control_group_memory(root / "slurm", "/job/step"), 200U);
  EXPECT_EQ(control_group_memory(root / "slurm/job", "/step"), 4901U);
}

TEST(ControlGroup, ExhaustedAndUnlimitedOnes) {
  const TemporaryFolder root;
  write_group(root / "full", "1000", "1200", "0");
  write_group(root / "free", "max", "1200", "0");
  EXPECT_EQ(control_group_memory(root / "full", "/"), 0U);
  EXPECT_EQ(control_group_memory(root / "free", "/"), no_memory_limit);
  EXPECT_EQ(control_group_memory(root / "nowhere", "/a/b"), no_memory_limit);
}

TEST(ControlGroup, OwnGroupIsAPathFromTheRoot) {
  EXPECT_TRUE(own_control_group().is_absolute());
}

}  // namespace
}  // namespace farpoint
