// SPDX-License-Identifier: Apache-2.0
#include "pipeline/stall_watch.hpp"

#include <gtest/gtest.h>

namespace farpoint::pipeline {
namespace {

Beat beat(int rank, double written, double quiet = 0, Activity activity = Activity::computing) {
  Beat made;
  made.rank = rank;
  made.ranks = 2;
  made.host = "node" + std::to_string(rank);
  made.process = 100 + rank;
  made.stage = "03-embed-emb";
  made.activity = activity;
  made.written = written;
  made.last_progress = written - quiet;
  return made;
}

bool has(const std::optional<std::string>& text, const std::string& part) {
  return text && text->find(part) != std::string::npos;
}

TEST(StallWatch, RanksWhoseBeatsGoOnAreWell) {
  StallWatch watch(60);
  // Their clocks are far from each other, and from this one's.
  for (int t = 0; t < 500; t += 5) EXPECT_FALSE(watch.look({beat(0, 1e6 + t), beat(1, 2e6 + t, 59)}, t)) << t;
}

TEST(StallWatch, ABeatThatStaysTheSameIsNamed) {
  StallWatch watch(60);
  for (int t = 0; t <= 60; t += 5) EXPECT_FALSE(watch.look({beat(0, t), beat(1, 0, 0, Activity::files)}, t)) << t;
  const auto found = watch.look({beat(0, 65), beat(1, 0, 0, Activity::files)}, 65);
  EXPECT_TRUE(has(found, "rank 1 (process 101 on node1)"));
  EXPECT_TRUE(has(found, "no sign of life"));
  EXPECT_TRUE(has(found, "reading or writing files in 03-embed-emb"));
  EXPECT_FALSE(has(found, "rank 0"));
}

TEST(StallWatch, AlsoOneThatWaitedForOthers) {
  StallWatch watch(60);
  std::optional<std::string> found;
  for (int t = 0; t <= 65; t += 5) found = watch.look({beat(1, 0, 0, Activity::communicating)}, t);
  EXPECT_TRUE(has(found, "no sign of life"));
}

TEST(StallWatch, ARankThatBeatsWithoutProgressIsNamedUnlessItWaits) {
  StallWatch watch(60);
  EXPECT_FALSE(watch.look({beat(0, 5, 1e4, Activity::communicating)}, 5));
  const auto found = watch.look({beat(0, 10, 61)}, 10);
  EXPECT_TRUE(has(found, "neither made progress"));
  EXPECT_TRUE(has(found, "computing in 03-embed-emb"));
}

TEST(StallWatch, RanksThatHaveEndedAreNotWatched) {
  StallWatch watch(60);
  auto ended = beat(0, 0, 1000);
  ended.state = Beat::State::finished;
  for (int t = 0; t <= 100; t += 5) EXPECT_FALSE(watch.look({ended}, t));
}

TEST(StallWatch, WhoWasStoppedItselfStartsOver) {
  StallWatch watch(60);
  for (int t = -60; t <= 0; t += 5) EXPECT_FALSE(watch.look({beat(0, t)}, t));
  EXPECT_TRUE(watch.has_seen_enough());
  EXPECT_FALSE(watch.look({beat(0, 0)}, 1000)) << "the whole job was suspended";
  EXPECT_FALSE(watch.has_seen_enough());
  std::optional<std::string> found;
  for (int t = 1005; t <= 1065; t += 5) found = watch.look({beat(0, 0)}, t);
  EXPECT_TRUE(found);
}

TEST(Deadlock, IsSeenOnlyWhereAllWait) {
  const auto waits = [](int rank) { return beat(rank, 100, 61, Activity::communicating); };
  EXPECT_TRUE(has(find_deadlock({waits(0), waits(1)}, 60), "in 03-embed-emb"));
  EXPECT_FALSE(find_deadlock({waits(0), waits(1)}, 62));
  EXPECT_FALSE(find_deadlock({waits(0)}, 60)) << "one is not heard of";
  EXPECT_FALSE(find_deadlock({waits(0), beat(1, 100, 61)}, 60)) << "one computes";
  EXPECT_FALSE(find_deadlock({}, 60));
}

}  // namespace
}  // namespace farpoint::pipeline
