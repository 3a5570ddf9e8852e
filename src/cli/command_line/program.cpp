// SPDX-License-Identifier: Apache-2.0
#include "command_line/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "command_line/help_text.hpp"
#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/node.hpp"

namespace farpoint::cli {

namespace {

using pipeline::suggestion;

std::string examples_of(const Command& command) {
  std::string text = command.examples.size() == 1 ? "Example:\n" : "Examples:\n";
  for (const auto& [line, meaning] : command.examples) text += fmt::format("  {}\n      {}\n", line, meaning);
  return command.examples.empty() ? "" : text;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

void add_option_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string unknown_command(const CLI::App& app, const std::string& word) {
  return fmt::format("there is no command '{}'{}; farpoint --help lists them", word,
                     suggestion(word, command_names(app)));
}

/// What is wrong with a word that nothing takes.
std::string unknown_word(const CLI::App& app, const CLI::App* command, const std::string& word) {
  if (!word.starts_with('-')) {
    if (command == nullptr) return unknown_command(app, word);
    return fmt::format("'{}' takes no more than it has, and not '{}'; farpoint {} --help says what it takes",
                       command->get_name(), word, command->get_name());
  }
  std::vector<std::string> names;
  if (command != nullptr) add_option_names(*command, names);
  add_option_names(app, names);
  const auto option = word.substr(0, word.find('='));
  const auto whose = command == nullptr ? "" : fmt::format(" of '{}'", command->get_name());
  return fmt::format("there is no option '{}'{}{}; farpoint {}--help lists them", option, whose,
                     suggestion(option, names), command == nullptr ? "" : command->get_name() + " ");
}

/// The first word that a command needs and was not given, as its help names it; "" if there is none.
std::string missing_word(const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    if (option->get_positional() && option->get_required() && option->count() == 0) return value_name(*option);
  }
  return "";
}

/// A shell makes an empty word of a variable that is not set; no option has a use for it.
void refuse_empty_words(const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    const auto& words = option->results();
    if (std::none_of(words.begin(), words.end(), [](const auto& word) { return word.empty(); })) continue;
    throw UsageError(fmt::format("'{}' was given an empty word as {}; is a variable of the shell not set?",
                                 command.get_name(),
                                 option->get_positional() ? value_name(*option) : option->get_name()));
  }
}

/// The error of the library, or what is more likely meant: a mistyped option also makes others missing.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const auto parsed = app.get_subcommands();
  const auto* command = parsed.empty() ? nullptr : parsed.front();
  const auto left = app.remaining(true);
  const auto option = std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with('-'); });
  if (option != left.end()) return unknown_word(app, command, *option);
  if (!left.empty()) return unknown_word(app, command, left.front());
  if (command == nullptr) return error.what();
  const auto missing = missing_word(*command);
  return fmt::format("{}; farpoint {} --help says more",
                     missing.empty() ? error.what() : fmt::format("'{}' needs {}", command->get_name(), missing),
                     command->get_name());
}

/// What is printed is a result: a full disk must not pass for success.
void check_standard_output(comm::Communicator& comm) {
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    std::cout.flush();
    if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      throw Error("standard output cannot be written");
    }
  });
}

}  // namespace

Program::Program(int ranks)
    : app_("Farpoint chooses fine-tuning data for language models out of large corpora.", "farpoint") {
  app_.require_subcommand(0, 1);
  app_.formatter(help_layout());
  // Made only when it is asked for: it looks for GPUs.
  app_.set_version_flag(
      "--version", [] { return version_text(); }, "version, libraries, devices");
  app_.get_help_ptr()->description("this help; farpoint COMMAND --help that of a command");
  auto* quiet =
      app_.add_flag("-q,--quiet", quiet_, "only warnings and errors on standard error, and no summary of a run");
  app_.add_flag("-v,--verbose", verbose_, "the log on standard error, too")->excludes(quiet);
  app_.footer("farpoint help COMMAND and farpoint help JOB say more: farpoint help run, farpoint help select.\n");
  for (const auto& command : commands()) {
    auto* sub = app_.add_subcommand(command.name, command.summary + ".");
    sub->group(command.section);
    sub->footer(examples_of(command));
    sub->fallthrough();  // -q and -v stand before or behind the command
    sub->get_help_ptr()->description("this help")->group(group::output);
    bodies_[sub] = command.declare(*sub, {app_, ranks});
  }
}

Body Program::parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) throw;  // --help, --version
    throw UsageError(explain(app_, error));
  }
  const auto parsed = app_.get_subcommands();
  if (parsed.empty()) throw UsageError("name a command; farpoint --help lists them");
  refuse_empty_words(*parsed.front());
  using terminal::Verbosity;
  terminal::set_verbosity(quiet_ > 0 ? Verbosity::quiet : verbose_ > 0 ? Verbosity::verbose : Verbosity::normal);
  return bodies_.at(parsed.front());
}

Body Program::parse(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  return parse(static_cast<int>(pointers.size()), pointers.data());
}

int run_command_line(comm::Communicator& comm, int argc, char** argv) {
  Program program(comm.size());
  Body body;
  try {
    body = program.parse(argc, argv);
  } catch (const CLI::ParseError& asked) {
    if (comm.rank() == 0) program.app().exit(asked, std::cout, std::cerr);
    check_standard_output(comm);
    return 0;
  } catch (const UsageError& error) {
    // Every rank was given the same words.
    throw comm::AgreedError(error.what(), error.code());
  }
  const int code = body(comm);
  check_standard_output(comm);
  return code;
}

}  // namespace farpoint::cli
