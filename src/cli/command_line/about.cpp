// SPDX-License-Identifier: Apache-2.0
// Commands about the program itself: what there is, and how shells complete it.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "command_line/command.hpp"
#include "command_line/completion.hpp"
#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/node.hpp"

namespace farpoint::cli {

namespace {

constexpr const char* section = "This program";

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](const CLI::App* command) { return command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

int print_topic(const CLI::App& whole, const std::string& topic) {
  if (const auto* command = find_command(whole, topic)) {
    std::cout << command->help("farpoint");
    if (is_topic(topic)) {
      fmt::print("\n'{}' is also the name of a part of the configuration: farpoint jobs {}\n", topic, topic);
    }
    return 0;
  }
  if (!is_topic(topic)) {
    auto names = topic_names();
    for (const auto* command : whole.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
    throw UsageError(
        fmt::format("there is no command and no job '{}'{}; farpoint --help lists the commands, farpoint "
                    "jobs the jobs",
                    topic, known_as(topic).empty() ? pipeline::suggestion(topic, names) : "; " + known_as(topic)));
  }
  std::cout << topic_text(topic);
  return 0;
}

Body declare_help(CLI::App& command, const Surroundings& surroundings) {
  auto topic = std::make_shared<std::string>();
  command.add_option("topic", *topic, "a command, a job, or a part of the configuration (run, corpus, models)")
      ->type_name(value::topic);
  return on_first_rank([topic, &whole = surroundings.whole] {
    if (!topic->empty()) return print_topic(whole, *topic);
    // That of the whole program: CLI11's own would be of the command that was called, which is this one.
    std::cout << whole.get_formatter()->make_help(&whole, "farpoint", CLI::AppFormatMode::Normal);
    return 0;
  });
}

Body declare_jobs(CLI::App& command, const Surroundings&) {
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command.add_option("job", *name, "what is told of: a job, or run, corpus or models; default: the list of jobs")
      ->type_name(value::job);
  add_json(command, *json, "the same, for programs");
  return on_first_rank([name, json] {
    std::cout << (*json ? topics_json(*name) : name->empty() ? job_list() : topic_text(*name));
    return 0;
  });
}

Body declare_completion(CLI::App& command, const Surroundings& surroundings) {
  auto shell = std::make_shared<std::string>();
  add_choice(command, "shell", *shell, {"bash", "zsh", "fish"}, "whose script is printed")->required();
  return on_first_rank([shell, &whole = surroundings.whole] {
    std::cout << completion_script(*shell, whole);
    return 0;
  });
}

}  // namespace

Command help_command() {
  return {"help",
          section,
          "Explains a command, or the options of a job",
          {{"farpoint help run", "the same as farpoint run --help"},
           {"farpoint help select", "the job's options, with their defaults"}},
          declare_help};
}

Command jobs_command() {
  return {
      "jobs",
      section,
      "Lists the jobs of this version, or the options of one",
      {{"farpoint jobs", "a line for each"}, {"farpoint jobs export", "what may stand under 'export' in a pipeline"}},
      declare_jobs};
}

Command completion_command() {
  return {"completion",
          section,
          "Prints a script that lets a shell complete commands, options, jobs and files",
          {{"farpoint completion bash > ~/.local/share/bash-completion/completions/farpoint", "for new shells of bash"},
           {"farpoint completion fish > ~/.config/fish/completions/farpoint.fish", "for fish"},
           {"farpoint completion zsh > ~/.zfunc/_farpoint", "for zsh, where ~/.zfunc is in fpath before compinit"}},
          declare_completion};
}

}  // namespace farpoint::cli
