// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stage.hpp"

#include <gtest/gtest.h>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/work_board.hpp"
#include "mpi_world.hpp"
#include "shared_folder.hpp"

namespace farpoint::pipeline {
namespace {

struct Stage {
  Stage() {
    set.shard_records = 10;
    set.first_id = {0, 10 * shards};
    for (std::size_t shard = 0; shard < shards; ++shard) {
      tasks.push_back({&set, shard, 1 + shard, shard, 10, Hasher().add(std::uint64_t{shard}).digest()});
    }
  }
  StageTally make() {
    ProgressLine progress(world(), "test", 0, "records");
    StopRequest request(world(), std::nullopt, patience);
    StopPoints stops(request, world());
    return make_shards(
        world(), folder.path, tasks, progress, stops, [&](bool) { ++begun; },
        [&](const ShardTask& task) {
          ++made;
          if (task.shard == stop_at) std::raise(SIGTERM);
          request.check_piece();
          ShardContent content;
          content.columns.push_back({"id", std::vector<std::uint64_t>{task.shard}});
          content.columns.push_back({"rejects/id", std::vector<std::uint64_t>(task.shard / 2)});
          content.tally.in = 10;
          content.tally.out = 10 - task.shard;
          content.tally.rejected = task.shard;
          content.tally.units = 10;
          content.tally.counters["odd"] = task.shard % 2;
          return content;
        });
  }
  std::uint64_t made_everywhere() { return comm::all_reduce(world(), made, comm::Reduction::sum); }

  static constexpr std::size_t shards = 7;
  SharedFolder folder;
  RecordSet set;
  std::vector<ShardTask> tasks;
  std::uint64_t made = 0;
  std::chrono::steady_clock::duration patience = StopRequest::usual_patience;
  std::size_t stop_at = shards;  ///< the shard during which its rank is told to stop
  int begun = 0;
};

TEST(MakeShards, EachOnceAndTheNumbersAddUp) {
  Stage stage;
  const auto tally = stage.make();

  EXPECT_EQ(stage.made_everywhere(), Stage::shards);
  EXPECT_EQ(stage.begun, 1);
  EXPECT_EQ(tally.totals[0].in, 70U);
  EXPECT_EQ(tally.totals[0].rejected, 21U);
  EXPECT_EQ(tally.totals[0].counters.at("odd"), 3U);
  EXPECT_EQ(tally.resumed, 0U);
  // Shard 1 rejects a record and lists none.
  ASSERT_EQ(tally.rejecting.size(), 5U);
  EXPECT_EQ(tally.rejecting.front(), std::pair(Population::pool, std::uint64_t{2}));
}

TEST(MakeShards, KeepsWhatIsThere) {
  Stage stage;
  const auto first = stage.make();
  stage.made = 0;
  const auto second = stage.make();

  EXPECT_EQ(stage.made_everywhere(), 0U);
  EXPECT_EQ(stage.begun, 1);
  EXPECT_EQ(second.resumed, Stage::shards);
  EXPECT_EQ(second.totals[0].out, first.totals[0].out);
  EXPECT_EQ(second.rejecting, first.rejecting);
}

TEST(MakeShards, MakesAnewWhatHasAnotherKeyOrIsDamaged) {
  Stage stage;
  stage.make();
  stage.made = 0;
  stage.tasks[2].key = Hasher().add("changed").digest();
  if (world().rank() == 0) std::filesystem::resize_file(stage.folder.path / stage.tasks[5].name(), 100);
  world().barrier();

  const auto tally = stage.make();

  EXPECT_EQ(stage.made_everywhere(), 2U);
  EXPECT_EQ(tally.resumed, Stage::shards - 2);
  // What was kept took no time: it is no part of the rate that is shown.
  const auto entry = work_board().read();
  EXPECT_EQ(comm::all_reduce(world(), entry.done, comm::Reduction::sum), 10 * Stage::shards);
  EXPECT_EQ(comm::all_reduce(world(), entry.kept, comm::Reduction::sum), 10 * (Stage::shards - 2));
}

TEST(MakeShards, ToldToStopItEndsBehindTheShardInHandAndGoesOnNextTime) {
  Stage stage;
  stage.stop_at = 0;  // one of several of its rank, with up to four ranks
  ExitCode code = ExitCode::done;
  try {
    stage.make();
  } catch (const comm::AgreedError& error) {
    code = error.code();
  }
  EXPECT_EQ(code, ExitCode::stopped);
  const auto made_first = stage.made_everywhere();
  EXPECT_GE(made_first, 1U);
  EXPECT_LT(made_first, Stage::shards);
  EXPECT_TRUE(store::intact_shard(stage.folder.path / stage.tasks[0].name())) << "the shard in hand";

  stage.stop_at = Stage::shards;
  const auto tally = stage.make();
  EXPECT_EQ(stage.made_everywhere(), Stage::shards);
  EXPECT_EQ(tally.resumed, made_first);
  EXPECT_EQ(tally.totals[0].in, 70U);
}

TEST(MakeShards, AShardThatTakesTooLongIsGivenUp) {
  Stage stage;
  stage.stop_at = 0;
  stage.patience = std::chrono::seconds(0);
  EXPECT_THROW(stage.make(), comm::AgreedError);
  EXPECT_FALSE(std::filesystem::exists(stage.folder.path / stage.tasks[0].name()));

  stage.stop_at = Stage::shards;
  EXPECT_EQ(stage.make().totals[0].in, 70U);
}

TEST(TasksOfRank, ChainsStayTogether) {
  Stage stage;
  for (auto& task : stage.tasks) task.chain = task.shard / 3;
  std::size_t total = 0;
  for (int rank = 0; rank < 4; ++rank) {
    const auto mine = tasks_of_rank(stage.tasks, rank, 4);
    total += mine.size();
    for (const auto* task : mine) {
      for (const auto& other : stage.tasks) {
        const bool is_here = std::find(mine.begin(), mine.end(), &other) != mine.end();
        EXPECT_TRUE(is_here || other.chain != task->chain);
      }
    }
  }
  EXPECT_EQ(total, Stage::shards);
}

}  // namespace
}  // namespace farpoint::pipeline
