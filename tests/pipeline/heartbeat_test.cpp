// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/heartbeat.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/work_board.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

namespace fs = std::filesystem;

/// Waits until `holds()`, at most ten seconds.
template <typename Condition>
bool soon(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

Heartbeat::Setup setup(const fs::path& status, int rank, int ranks) {
  return {status, rank, ranks, 0, {}, [](const std::string&) {}};
}

TEST(Beat, ComesBackFromItsText) {
  Beat beat;
  beat.rank = 3;
  beat.ranks = 8;
  beat.host = "node\"7";
  beat.process = 1234567890123;
  beat.activity = Activity::files;
  beat.stage = "02-embed-emb";
  beat.stage_since = 1.75e9 + 0.25;
  beat.done = std::uint64_t{1} << 60;
  beat.total = 7;
  beat.kept = 5;
  beat.unit = "records";
  beat.started = 1;
  beat.last_progress = 2;
  beat.written = 4.5;
  beat.period = 5;
  beat.stages = {"00-ingest", "02-embed-emb"};
  const auto back = beat_from_json(to_json(beat));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(beat));
  EXPECT_EQ(back->done, beat.done);
  EXPECT_EQ(back->kept, beat.kept);
  EXPECT_EQ(back->host, beat.host);
  EXPECT_EQ(back->stages, beat.stages);
  EXPECT_DOUBLE_EQ(back->quiet(), 2.5);
}

TEST(Beat, OtherTextIsNone) {
  const auto whole = to_json(Beat());
  for (const auto& text : {std::string(), std::string("[]"), std::string("{}"), whole.substr(0, whole.size() / 2)}) {
    EXPECT_FALSE(beat_from_json(text)) << text;
  }
  auto odd = whole;
  odd.replace(odd.find("working"), 7, "resting");
  EXPECT_FALSE(beat_from_json(odd));
}

TEST(Beat, PeriodsKeepManyRanksFromFloodingTheFileSystem) {
  EXPECT_EQ(beat_period(1, 1800), 5);
  EXPECT_EQ(beat_period(512, 1800), 16);
  EXPECT_LE(beat_period(512, 6), 1) << "a stall must be found in time";
  EXPECT_EQ(beat_period(3, 0), 5);
}

TEST(Heartbeat, SaysWhatTheRankIsAtAndThatItHasFinished) {
  const TemporaryFolder temporary;
  work_board().begin_stage("01-embed-emb");
  work_board().note(30, 100, "records");
  auto first = setup(temporary.path(), 0, 2);
  first.stages = {"00-ingest", "01-embed-emb"};
  Heartbeat one(first), two(setup(temporary.path(), 1, 2));
  ASSERT_TRUE(soon([&] { return read_beats(temporary.path()).size() == 2; }));

  const auto beats = read_beats(temporary.path());
  EXPECT_EQ(beats[0].stages, first.stages);
  EXPECT_EQ(beats[1].rank, 1);
  EXPECT_EQ(beats[1].stage, "01-embed-emb");
  EXPECT_EQ(beats[1].done, 30U);
  EXPECT_EQ(beats[1].total, 100U);
  EXPECT_EQ(beats[1].state, Beat::State::working);

  two.finish(Beat::State::finished);
  one.finish(Beat::State::finished);
  const auto left = read_beats(temporary.path());
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].state, Beat::State::finished);
}

TEST(Heartbeat, AnExceptionLeavesAFailedBeat) {
  const TemporaryFolder temporary;
  const auto interrupted = [&] {
    const Heartbeat heartbeat(setup(temporary.path(), 1, 2));
    throw std::runtime_error("");
  };
  EXPECT_THROW(interrupted(), std::runtime_error);
  const auto beat = read_beat(temporary.path(), 1);
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->state, Beat::State::failed);
}

TEST(Heartbeat, AFolderThatCannotBeWrittenDisturbsNobody) {
  const TemporaryFolder temporary;
  write_file(temporary / "file", "");
  auto watching = setup(temporary / "file", 0, 1);
  watching.stall_timeout = 1;
  watching.on_stall = [](const std::string& what) { FAIL() << what; };
  Heartbeat heartbeat(watching);
  heartbeat.finish(Beat::State::finished);
  EXPECT_TRUE(read_beats(temporary / "file").empty());
}

TEST(Heartbeat, FindsARankThatIsSilent) {
  const TemporaryFolder temporary;
  Beat silent;
  silent.rank = 0;
  silent.ranks = 2;
  silent.host = "elsewhere";
  silent.process = 77;
  write_file(beat_file(temporary.path(), 0), to_json(silent));
  std::string found;
  std::mutex mutex;
  auto watching = setup(temporary.path(), 1, 2);
  watching.stall_timeout = 1;
  watching.on_stall = [&](const std::string& what) {
    const std::lock_guard lock(mutex);
    found = what;
  };
  Heartbeat heartbeat(watching);
  EXPECT_TRUE(soon([&] {
    const std::lock_guard lock(mutex);
    return !found.empty();
  }));
  heartbeat.finish(Beat::State::finished);
  EXPECT_NE(found.find("rank 0 (process 77 on elsewhere)"), std::string::npos) << found;
}

TEST(Heartbeat, BeatsOfAnEarlierRunGo) {
  const TemporaryFolder temporary;
  write_file(beat_file(temporary.path(), 7), to_json(Beat()));
  write_file(temporary / "rank-0001.json.tmp", "{");
  write_file(temporary / "notes.txt", "mine");
  remove_beats(temporary.path());
  EXPECT_TRUE(fs::exists(temporary / "notes.txt"));
  EXPECT_FALSE(fs::exists(temporary / "rank-0001.json.tmp"));
  EXPECT_FALSE(fs::exists(beat_file(temporary.path(), 7)));
  EXPECT_NO_THROW(remove_beats(temporary / "nowhere"));
}

}  // namespace
}  // namespace farpoint::pipeline
