// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "command_line/program.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"

namespace farpoint::cli {
namespace {

/// The words of an example, without what the shell does with the output.
std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line.substr(0, line.find(" > ")));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string error_of(const std::vector<std::string>& words) {
  try {
    Program(1).parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(CommandLine, ExamplesOfTheHelpAreValid) {
  for (const auto& command : commands()) {
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_LE(command.examples.size(), 3U) << command.name;
    for (const auto& example : command.examples) {
      const auto words = words_of(example.line);
      ASSERT_GE(words.size(), 2U) << example.line;
      EXPECT_EQ(words[0], "farpoint");
      EXPECT_EQ(words[1], command.name);
      EXPECT_EQ(error_of(words), "") << example.line;
    }
  }
}

TEST(CommandLine, EveryOptionIsExplainedAndGrouped) {
  Program program(1);
  for (const auto* command : program.app().get_subcommands([](const CLI::App*) { return true; })) {
    for (const auto* option : command->get_options()) {
      EXPECT_FALSE(option->get_description().empty()) << command->get_name() << " " << option->get_name();
      if (option->nonpositional()) {
        EXPECT_NE(option->get_group(), "Options") << command->get_name() << " " << option->get_name();
      }
    }
  }
}

TEST(CommandLine, NearestCommandIsSuggested) {
  EXPECT_NE(error_of({"farpoint", "rnu", "config.yaml"}).find("did you mean 'run'?"), std::string::npos);
  EXPECT_NE(error_of({"farpoint", "-q", "exprot"}).find("did you mean 'export'?"), std::string::npos);
  EXPECT_EQ(error_of({"farpoint", "something-else"}).find("did you mean"), std::string::npos);
}

TEST(CommandLine, NearestOptionIsSuggested) {
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "--ouput", "x"}).find("did you mean '--output'?"),
            std::string::npos);
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "--ouput=x"}).find("did you mean '--output'?"), std::string::npos);
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "--out", "x"}).find("did you mean '--output'?"), std::string::npos);
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "--qiuet"}).find("did you mean '--quiet'?"), std::string::npos);
  // Also where the mistake makes another one: the option that is needed is missing.
  EXPECT_NE(error_of({"farpoint", "table", "run", "--colums", "a"}).find("did you mean '--columns'?"),
            std::string::npos);
}

TEST(CommandLine, NearestWordIsSuggested) {
  EXPECT_NE(error_of({"farpoint", "export", "r", "--format", "alpca", "--out", "x"}).find("did you mean 'alpaca'?"),
            std::string::npos);
}

TEST(CommandLine, WhatIsMissingIsNamedWithTheWayToTheHelp) {
  EXPECT_NE(error_of({"farpoint", "run"}).find("'run' needs CONFIG; farpoint run --help"), std::string::npos);
  EXPECT_NE(error_of({"farpoint"}).find("farpoint --help"), std::string::npos);
  EXPECT_NE(error_of({"farpoint", "status", "a", "b"}).find("'b'"), std::string::npos);
}

TEST(CommandLine, EmptyWordsOfUnsetVariablesAreRefused) {
  EXPECT_EQ(error_of({"farpoint", "run", "c.yaml", "--output", ""}),
            "'run' was given an empty word as --output; is a variable of the shell not set?");
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "--output="}), "");
  EXPECT_NE(error_of({"farpoint", "status", ""}).find("empty word as RUN"), std::string::npos);
  EXPECT_NE(error_of({"farpoint", "compare", "a", ""}), "");
}

TEST(CommandLine, ARunMayBeNamedAsACommand) {
  EXPECT_EQ(error_of({"farpoint", "status", "run"}), "");
  EXPECT_EQ(error_of({"farpoint", "help", "run"}), "");
}

TEST(CommandLine, QuietAndVerboseStandBeforeOrBehindTheCommand) {
  using terminal::Verbosity;
  EXPECT_EQ(error_of({"farpoint", "-q", "run", "c.yaml"}), "");
  EXPECT_EQ(terminal::verbosity(), Verbosity::quiet);
  EXPECT_EQ(error_of({"farpoint", "run", "c.yaml", "--verbose"}), "");
  EXPECT_EQ(terminal::verbosity(), Verbosity::verbose);
  EXPECT_EQ(error_of({"farpoint", "run", "c.yaml"}), "");
  EXPECT_EQ(terminal::verbosity(), Verbosity::normal);
  EXPECT_NE(error_of({"farpoint", "run", "c.yaml", "-q", "-v"}), "");
}

TEST(CommandLine, HelpNamesEveryOptionOfACommand) {
  Program program(1);
  for (const auto* command : program.app().get_subcommands([](const CLI::App*) { return true; })) {
    const auto text = command->help("farpoint");
    for (const auto* option : command->get_options()) {
      for (const auto& name : option->get_lnames()) {
        EXPECT_NE(text.find("--" + name), std::string::npos) << command->get_name() << " " << name;
      }
    }
    EXPECT_NE(text.find("Example"), std::string::npos);
    EXPECT_NE(text.find("--quiet"), std::string::npos);
  }
}

}  // namespace
}  // namespace farpoint::cli
