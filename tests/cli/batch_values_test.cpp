// SPDX-License-Identifier: Apache-2.0
#include "batch_values.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "cli/shell.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::cli {
namespace {

/// Texts of what shells understand, and a little else.
rc::Gen<std::string> hostile_text() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("'\"\\$`!#&|;<>()[]{}*?~=% -aHOME0\xc3\xa9")));
}

std::string printed(const std::string& word) {
  return Shell().run("printf %s " + word).output;
}

RC_GTEST_PROP(BatchValues, AWordMeansItsText, ()) {
  const auto text = *hostile_text();
  RC_ASSERT(printed(shell_word(text)) == text);
}

RC_GTEST_PROP(BatchValues, ATextWithoutVariablesMeansItself, ()) {
  auto text = *hostile_text();
  std::replace(text.begin(), text.end(), '$', '+');
  RC_ASSERT(printed(shell_text(text)) == text);
}

RC_GTEST_PROP(BatchValues, NothingInATextIsRun, ()) {
  // Whatever variables come to, what stands behind them does.
  const auto text = *hostile_text();
  const auto result = Shell().run("printf %s " + shell_text(text) + "; printf end");
  RC_ASSERT(result.code == 0);
  RC_ASSERT(result.output.ends_with("end"));
  RC_ASSERT(result.errors.empty());
}

TEST(BatchValues, VariablesOfATextAreReplaced) {
  Shell shell;
  shell.set("WHO", "a  b");
  EXPECT_EQ(shell.run("printf %s " + shell_text("/x/$WHO/${WHO}s/$(WHO)/${WHO:-y}/$5/$")).output,
            "/x/a  b/a  bs/$(WHO)/${WHO:-y}/$5/$");
}

TEST(BatchValues, TimesAreThoseOfSlurm) {
  const std::pair<const char*, std::uint64_t> times[] = {{"90", 5400},   {"1:30", 90},      {"2:00:01", 7201},
                                                         {"1-2", 93600}, {"1-2:03", 93780}, {"1-2:03:04", 93784}};
  for (const auto& [text, seconds] : times) EXPECT_EQ(slurm_seconds(text), seconds) << text;
  for (const auto* text :
       {"", "0", "0:0", "-1", "1-", "1:", ":1", "1:2:3:4", "1-2-3", "2h", "1.5", " 5", "1234567890"}) {
    EXPECT_EQ(slurm_seconds(text), std::nullopt) << text;
  }
}

TEST(BatchValues, MemoryHasAUnit) {
  EXPECT_EQ(slurm_memory("64G"), "64G");
  EXPECT_EQ(slurm_memory("64GB"), "64G");
  EXPECT_EQ(slurm_memory("0512M"), "512M");
  for (const auto* text : {"", "G", "64", "0G", "1.5G", "64g", "64 G", "-1G", "64GiB"}) {
    EXPECT_EQ(slurm_memory(text), std::nullopt) << text;
  }
}

TEST(BatchValues, PatternsOfOutputAreOnlyOurs) {
  EXPECT_EQ(output_pattern("/a/50%j", "slurm-%j.out"), "/a/50%%j/slurm-%j.out");
  EXPECT_THROW(output_pattern("/a\\b", "slurm-%j.out"), UsageError);
}

}  // namespace
}  // namespace farpoint::cli
