// SPDX-License-Identifier: Apache-2.0
// What deduplication and training keep for a run that is killed, written and read at different numbers of ranks.
#include <gtest/gtest.h>

#include "dedup/phases.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "learning/kept_fits.hpp"
#include "mpi_world.hpp"
#include "pipeline/shared_folder.hpp"

namespace farpoint::jobs {
namespace {

constexpr std::uint64_t shard_records = 50;
constexpr std::uint64_t shards = 7;

/// What is kept of the records of this rank: of every size-th shard, from `rank` on; some records are missing.
PhaseState state_of(int rank, int size) {
  PhaseState state;
  for (auto shard = static_cast<std::uint64_t>(rank); shard < shards; shard += static_cast<std::uint64_t>(size)) {
    for (auto id = shard * shard_records; id < (shard + 1) * shard_records; ++id) {
      const auto bits = random_bits(4, 2, id);
      if (bits % 5 == 0) continue;
      state.found.ids.push_back(id);
      state.found.kept.push_back(bits % (id + 1));
      state.found.by.push_back(static_cast<DuplicateBy>(bits % 4));
      state.components.push_back(bits % (id + 2) / 2);
      state.hits.push_back(bits % 3 == 0 ? 1 : 0);
    }
  }
  state.found.facts = {{"near_compared", 17}, {"semantic_recall", 0.1}};
  return state;
}

void expect_equal(const PhaseState& found, const PhaseState& expected) {
  EXPECT_EQ(found.found.ids, expected.found.ids);
  EXPECT_EQ(found.found.kept, expected.found.kept);
  EXPECT_EQ(found.found.by, expected.found.by);
  EXPECT_EQ(found.components, expected.components);
  EXPECT_EQ(found.hits, expected.hits);
  EXPECT_EQ(found.found.facts, expected.found.facts);
}

/// Cuts it off in the middle, on rank 0.
void cut(const std::filesystem::path& path) {
  world().barrier();
  if (world().rank() == 0) {
    const auto content = read_file(path);
    write_file(path, content.substr(0, content.size() / 2));
  }
  world().barrier();
}

TEST(Phases, AnyNumberOfRanksReadsThem) {
  const pipeline::SharedFolder folder;
  const auto alone = comm::make_local();
  const auto of_one = state_of(0, 1);
  const auto mine = state_of(world().rank(), world().size());
  PhaseFiles(world(), folder.path, "key", shard_records).write(DuplicateBy::near, mine);
  world().barrier();
  const PhaseFiles by_one(*alone, folder.path, "key", shard_records);
  ASSERT_TRUE(by_one.has(DuplicateBy::near));
  const auto read = by_one.read(DuplicateBy::near, of_one.found.ids);
  ASSERT_TRUE(read);
  expect_equal(*read, of_one);
  world().barrier();

  if (world().rank() == 0) PhaseFiles(*alone, folder.path, "key", shard_records).write(DuplicateBy::semantic, of_one);
  world().barrier();
  const PhaseFiles by_all(world(), folder.path, "key", shard_records);
  ASSERT_TRUE(by_all.has(DuplicateBy::semantic));
  const auto part = by_all.read(DuplicateBy::semantic, mine.found.ids);
  ASSERT_TRUE(part);
  expect_equal(*part, mine);

  world().barrier();
  if (world().rank() == 0) PhaseFiles::remove(folder.path);
  world().barrier();
  EXPECT_FALSE(by_all.has(DuplicateBy::near));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(Phases, WhatCannotBeUsedIsRefusedOnAllRanks) {
  const pipeline::SharedFolder folder;
  const auto mine = state_of(world().rank(), world().size());
  const PhaseFiles files(world(), folder.path, "key", shard_records);
  EXPECT_FALSE(files.has(DuplicateBy::near));
  files.write(DuplicateBy::near, mine);
  EXPECT_FALSE(PhaseFiles(world(), folder.path, "other", shard_records).has(DuplicateBy::near));
  EXPECT_FALSE(files.has(DuplicateBy::semantic));
  ASSERT_TRUE(files.read(DuplicateBy::near, mine.found.ids));
  auto fewer = mine.found.ids;
  if (world().rank() == 0) fewer.pop_back();
  EXPECT_FALSE(files.read(DuplicateBy::near, fewer));

  cut(folder.path / "phases/near-00004.h5");
  EXPECT_FALSE(files.read(DuplicateBy::near, mine.found.ids));
  files.write(DuplicateBy::near, mine);
  EXPECT_TRUE(files.read(DuplicateBy::near, mine.found.ids));
  cut(folder.path / "phases/near.h5");
  EXPECT_FALSE(files.has(DuplicateBy::near));
}

TEST(KeptFits, AreReadOnEveryRank) {
  const pipeline::SharedFolder folder;
  const KeptFits kept(folder.path);
  const learn::Fit fit{{3, {1, 2, 3, 4, 5, 6}, {0.1, 0.2}}, 0.3, 12, true};
  EXPECT_FALSE(kept.read(world(), 5, "key"));
  kept.write(world(), 5, "key", fit);
  const auto found = kept.read(world(), 5, "key");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->model.width, fit.model.width);
  EXPECT_EQ(found->model.weights, fit.model.weights);
  EXPECT_EQ(found->model.biases, fit.model.biases);
  EXPECT_EQ(found->loss, fit.loss);
  EXPECT_EQ(found->iterations, fit.iterations);
  EXPECT_EQ(found->converged, fit.converged);
  EXPECT_FALSE(kept.read(world(), 4, "key"));
  EXPECT_FALSE(kept.read(world(), 5, "other"));
  cut(folder.path / "trained/model-5.h5");
  EXPECT_FALSE(kept.read(world(), 5, "key"));
}

}  // namespace
}  // namespace farpoint::jobs
