// SPDX-License-Identifier: Apache-2.0
// What every kind of job has in common: names by which people find it and its options.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/problems.hpp"
#include "jobs.hpp"

namespace farpoint::jobs {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

/// All that `farpoint validate` says of a pipeline of one job.
std::string complaint(const std::string& job, const std::string& options) {
  const auto text =
      "corpus: {pool: [{path: a.jsonl}], curated: [{path: b.jsonl}], labelled: [{path: c.jsonl}]}\n"
      "pipeline: [{" +
      job + ": " + options + "}]\n";
  pipeline::Problems problems;
  pipeline::attempt([&] {
    pipeline::make_plan(pipeline::read_config(pipeline::parse_yaml(text, "c.yaml"), "/nonexistent"), all_jobs());
  });
  return pipeline::to_text(problems.sorted());
}

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

TEST(JobTypes, SayWhichOptionsAreMissing) {
  for (const auto& type : all_jobs()) {
    for (const std::string options : {"", "{}", "{as: x}", "{vectors: x}", "{no_such_option: 1}"}) {
      SCOPED_TRACE(type.name + ": " + options);
      const auto said = complaint(type.name, options);
      for (const auto& field : type.document()) {
        const auto is_given = options.starts_with("{" + field.key + ":");
        if (field.required && !is_given && field.key.find('.') == std::string::npos) {
          EXPECT_THAT(said, HasSubstr("'" + type.name + "' needs the key '" + field.key + "'"));
        }
      }
    }
  }
}

TEST(JobTypes, RefuseWhatIsNoValueOfAnOption) {
  for (const auto& type : all_jobs()) {
    for (const auto& field : type.document()) {
      const auto key = field.key.substr(0, field.key.find('.'));
      for (const std::string value : {"[[[]]]", "[-1, {}]", "{{a: b}: {c: [d]}}", "{no_such_option: {}}"}) {
        SCOPED_TRACE(type.name + ": {" + key + ": " + value + "}");
        EXPECT_THAT(complaint(type.name, "{" + key + ": " + value + "}"), HasSubstr("c.yaml:2:"));
      }
    }
  }
}

}  // namespace
}  // namespace farpoint::jobs
