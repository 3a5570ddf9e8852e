// SPDX-License-Identifier: Apache-2.0
// What every kind of job has in common: names by which people find it and its options.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "jobs.hpp"

namespace farpoint::jobs {
namespace {

using testing::MatchesRegex;

TEST(JobTypes, AreListedByName) {
  std::vector<std::string> names;
  for (const auto& type : all_jobs()) names.push_back(type.name);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end())) << testing::PrintToString(names);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << testing::PrintToString(names);
  for (const auto& name : names) EXPECT_THAT(name, MatchesRegex("[a-z][a-z_]*"));
}

// Of two options of one name the second could never be set.
TEST(JobTypes, NameEachOptionOnceAndExplainIt) {
  for (const auto& type : all_jobs()) {
    SCOPED_TRACE(type.name);
    EXPECT_FALSE(type.summary.empty() || type.summary.ends_with('.'));  // pages put the full stop behind it
    std::set<std::string> keys;
    for (const auto& field : type.document()) {
      EXPECT_TRUE(keys.insert(field.key).second) << "there are two options '" << field.key << "'";
      EXPECT_THAT(field.key, MatchesRegex("[a-z][a-z_0-9.]*"));
      EXPECT_FALSE(field.help.empty() || field.help.ends_with('.')) << field.key;
    }
  }
}

}  // namespace
}  // namespace farpoint::jobs
