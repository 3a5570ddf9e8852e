// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/run_folder.hpp"

#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

TEST(FolderLock, KeepsOthersOutWhileItLives) {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary / "run"};
  folder.create();
  {
    const FolderLock lock(folder);
    EXPECT_THROW(FolderLock{folder}, UsageError);
  }
  EXPECT_NO_THROW(FolderLock{folder});
}

TEST(RunFolder, ClearRemovesOnlyWhatARunWrites) {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary.path()};
  folder.create();
  write_file(folder.stage("00-ingest") / "shard-00000.h5", "x");
  write_file(folder.subset(), "x");
  write_file(temporary / "notes.txt", "mine");

  folder.clear();

  EXPECT_TRUE(std::filesystem::exists(temporary / "notes.txt"));
  EXPECT_FALSE(std::filesystem::exists(folder.subset()));
  EXPECT_FALSE(std::filesystem::exists(folder.stage("00-ingest")));
}

TEST(RunFolder, WhatIsNotFromARunIsNotReplaced) {
  for (const auto* name : {"config.yaml", "subset.h5", "summary.json", "rejects.jsonl", "stages/mine.txt"}) {
    const TemporaryFolder temporary;
    const RunFolder folder{temporary.path()};
    write_file(temporary / "notes.txt", "mine");
    folder.create();
    EXPECT_NO_THROW(folder.check_config()) << name;
    write_file(temporary / name, "mine");
    EXPECT_THROW(folder.check_config(), UsageError) << name;
  }
}

TEST(RunFolder, WhatARunLeftIsReplaced) {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary.path()};
  folder.create();
  folder.write_config("run: {}\n");
  for (const auto* name : {"subset.h5", "summary.json", "rejects.jsonl", "stages/00-ingest/shard-00000.h5"}) {
    write_file(temporary / name, "a run's");
  }
  EXPECT_NO_THROW(folder.check_config());
}

TEST(RunFolder, OutputsMayNotTakeItsOwnNames) {
  for (const auto* name : {"", ".", "./", "sub/", "a/../subset.h5", "subset.h5", "summary.json", "./config.yaml",
                           "rejects.jsonl", ".lock", "stages", "stages/01-embed-emb/shard-00000.h5",
                           "log/rank-0000.log", "status/x", "x.jsonl.tmp", "sub/.tmp", "a\nb.jsonl"}) {
    EXPECT_NE(output_refusal(name), "") << name;
  }
  for (const auto* name : {"subset.jsonl", "sub/subset.h5", "./x.json", "stages.json", "..x", "logs"}) {
    EXPECT_EQ(output_refusal(name), "") << name;
  }
}

TEST(RunFolder, ChecksOutputsThatLieInIt) {
  const TemporaryFolder temporary;
  const RunFolder folder{temporary / "run"};
  folder.create();
  std::filesystem::create_symlink(folder.path, temporary / "link");

  EXPECT_THROW(folder.check_output(folder.summary()), UsageError);
  EXPECT_THROW(folder.check_output(temporary / "link" / "subset.h5"), UsageError);
  EXPECT_THROW(folder.check_output(temporary / "other" / ".." / "run" / "stages" / "x"), UsageError);
  EXPECT_NO_THROW(folder.check_output(folder.path / "train.jsonl"));
  EXPECT_NO_THROW(folder.check_output(temporary / "summary.json"));
  EXPECT_NO_THROW(folder.check_output("summary.json"));
}

TEST(RunFolder, ErrorsNameTheFolder) {
  const TemporaryFolder temporary;
  write_file(temporary / "file", "");
  try {
    RunFolder{temporary / "file" / "run"}.create();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("file/run"), std::string::npos);
  }
}

}  // namespace
}  // namespace farpoint::pipeline
