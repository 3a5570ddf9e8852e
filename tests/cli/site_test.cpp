// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::cli {
namespace {

Site site_of(const std::string& text) {
  const TemporaryFolder folder;
  write_file(folder / "site.yaml", text);
  return read_site(folder / "site.yaml");
}

std::string mistake_in(const std::string& text) {
  try {
    site_of(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Site, DefaultsStayWhereNothingIsSaid) {
  const auto site = site_of("partition: cpu");
  EXPECT_EQ(site.partition, "cpu");
  EXPECT_EQ(site.launcher, Launcher::srun);
  EXPECT_EQ(site.signal_seconds, 120U);
}

TEST(Site, MistakesHaveTheirPlace) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"launcher: srun\npartion: cpu", "site.yaml:2:1: unknown key 'partion'"},
      {"launcher: ssh", "site.yaml:1:11: "},
      {"directives: [exclusive]", "site.yaml:1:14: 'directives'"},
      {"environment: {A-B: c}", "site.yaml:1:15: 'A-B'"},
      {"gpu_flag: --gres=gpu", "site.yaml:1:11: 'gpu_flag'"},
      {"memory_per_node: much", "site.yaml:1:18: 'memory_per_node'"},
      {"signal_seconds: 0", "site.yaml:1:17: 'signal_seconds'"},
      {"signal_seconds: 70000", "site.yaml:1:17: 'signal_seconds'"},
      {"setup: [\"a\\nb\"]", "site.yaml:1:9: line breaks"},
      {"partition: \"a\\nb\"", "site.yaml:1:12: line breaks"},
  };
  for (const auto& [text, expected] : mistakes) EXPECT_THAT(mistake_in(text), testing::HasSubstr(expected)) << text;
}

TEST(Site, ExamplesCanBeRead) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FARPOINT_SITES)) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_NO_THROW(read_site(entry.path())) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 3U);
}

TEST(Site, AFileThatIsNotThereIsNamed) {
  EXPECT_THROW(read_site("/nowhere/site.yaml"), UsageError);
}

}  // namespace
}  // namespace farpoint::cli
