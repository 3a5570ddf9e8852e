// SPDX-License-Identifier: Apache-2.0
// What became of records, and which of them are shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/comm/local.hpp"
#include "farpoint/corpus/record.hpp"
#include "profile/samples.hpp"
#include "profile/stage_effects.hpp"

namespace farpoint::jobs {
namespace {

using pipeline::ShardChanges;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

ShardChanges some_changes() {
  ShardChanges changes;
  changes.removed = {{3, "duplicate_near", "of record 1"}, {9, "too_short", "2 words"}};
  changes.acted = {{4, "html", ""}, {4, "pii", "1 <EMAIL>"}, {4, "pii", "1 <PHONE>"}, {7, "substring", "3 words"}};
  changes.rewrites.ids = {4, 8};
  changes.rewrites.records.push_back("{\"text\": \"four\"}");
  changes.rewrites.records.push_back("{\"text\": \"eight\"}");
  return changes;
}

TEST(Fates, AreThoseThatTheStageTells) {
  const auto changes = some_changes();
  const std::vector<std::uint64_t> ids{1, 3, 4, 7, 8, 9};
  const auto fates = fates_of(ids, changes);
  ASSERT_EQ(fates.size(), ids.size());
  EXPECT_EQ(fates[0].removed, nullptr);
  EXPECT_FALSE(fates[0].rewritten);
  EXPECT_EQ(fates[1].removed, &changes.removed.front());
  EXPECT_EQ(fates[2].acted.size(), 3U);
  EXPECT_EQ(fates[2].rewritten, "{\"text\": \"four\"}");
  EXPECT_EQ(fates[3].acted.size(), 1U);
  EXPECT_FALSE(fates[3].rewritten);
  EXPECT_EQ(fates[4].rewritten, "{\"text\": \"eight\"}");
  EXPECT_EQ(fates[5].removed, &changes.removed.back());
}

TEST(EffectCounts, CountRecordsByRule) {
  const auto changes = some_changes();
  EffectCounts counts;
  for (const auto& fate : fates_of(std::vector<std::uint64_t>{1, 3, 4, 7, 8, 9}, changes)) counts.add(fate, "clean");
  EXPECT_EQ(counts.in, 6U);
  EXPECT_EQ(counts.out, 4U);
  EXPECT_EQ(counts.changed, 2U);
  EXPECT_THAT(counts.removed_by, ElementsAre(Pair("duplicate_near", 1), Pair("too_short", 1)));
  // A rule that acted twice changed one record; one that left no trace is known by its job.
  EXPECT_THAT(counts.changed_by, ElementsAre(Pair("clean", 1), Pair("html", 1), Pair("pii", 1)));
  EXPECT_THAT(counts.noted_by, ElementsAre(Pair("substring", 1)));
  EXPECT_THAT(counts.duplicates, ElementsAre(Pair("duplicate_near", 1)));
  counts += counts;
  EXPECT_EQ(counts.in, 12U);
  EXPECT_THAT(counts.removed_by, ElementsAre(Pair("duplicate_near", 2), Pair("too_short", 2)));
}

TEST(RecordSample, HoldsWhatItWasAskedForInOrderOfId) {
  const auto comm = comm::make_local();
  std::size_t made = 0;
  RecordSample sample(10, 17);
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    sample.offer(id, [&] {
      ++made;
      SampledRecord record;
      record.before = std::to_string(id);
      return record;
    });
  }
  const auto found = sample.finish(*comm);
  ASSERT_EQ(found.size(), 10U);
  // Texts are copied for about 10 ln(1000) records, not for all.
  EXPECT_LT(made, 200U);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
  for (const auto& record : found) EXPECT_EQ(record.before, std::to_string(record.id));
}

TEST(RecordSample, HangsOnTheSeedAndNotOnTheOrder) {
  const auto comm = comm::make_local();
  const auto ids_of = [&](std::uint64_t seed, bool backwards) {
    RecordSample sample(5, seed);
    for (std::uint64_t i = 0; i < 1000; ++i) sample.offer(backwards ? 999 - i : i, [] { return SampledRecord(); });
    std::vector<std::uint64_t> ids;
    for (const auto& record : sample.finish(*comm)) ids.push_back(record.id);
    return ids;
  };
  EXPECT_EQ(ids_of(1, false), ids_of(1, true));
  EXPECT_NE(ids_of(1, false), ids_of(2, false));
  RecordSample none(0, 1);
  none.offer(0, [] { return SampledRecord(); });
  EXPECT_THAT(none.finish(*comm), IsEmpty());
}

TEST(SampleLine, IsOneJsonObjectWithItsKeysInOrder) {
  SampledRecord record{0, 12, true, "web", "html, pii", "1 <EMAIL>", "line\nbreak \"x\"", "after", true};
  EXPECT_EQ(to_line("02-clean", record),
            "{\"stage\":\"02-clean\",\"kept\":true,\"id\":12,\"source\":\"web\",\"rule\":\"html, pii\","
            "\"detail\":\"1 <EMAIL>\",\"before\":\"line\\nbreak \\\"x\\\"\",\"after\":\"after\"}\n");
  record.is_changed = false;
  record.before = std::string(5000, 'x');
  const auto line = nlohmann::json::parse(to_line("02-clean", record));
  EXPECT_TRUE(line.at("after").is_null());
  EXPECT_EQ(line.at("before").get<std::string>().size(), 2000U);
}

}  // namespace
}  // namespace farpoint::jobs
