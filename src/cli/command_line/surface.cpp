// SPDX-License-Identifier: Apache-2.0
#include "command_line/surface.hpp"

#include <algorithm>
#include <sstream>

#include "command_line/command.hpp"
#include "command_line/completion.hpp"
#include "command_line/help_text.hpp"
#include "commands.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::cli {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<std::string> names_of_commands(const CLI::App& program) {
  std::vector<std::string> names;
  for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

Value value_of(const CLI::Option& option, const CLI::App& program) {
  using Kind = Value::Kind;
  const auto name = value_name(option);
  if (name.empty()) return {};
  if (name == value::config) return {Kind::config, name, {}};
  if (name == value::file) return {Kind::file, name, {}};
  if (name == value::folder) return {Kind::folder, name, {}};
  if (name == value::run) return {Kind::run, name, {}};
  if (name == value::setting) return {Kind::settings, name, setting_keys()};
  if (name == value::job) return {Kind::words, name, job_names()};
  if (name == value::topic) {
    auto words = names_of_commands(program);
    for (const auto& topic : topic_names()) {
      if (std::find(words.begin(), words.end(), topic) == words.end()) words.push_back(topic);
    }
    return {Kind::words, name, words};
  }
  if (name.find('|') != std::string::npos) return {Kind::words, name, split(name, '|')};
  return {Kind::text, name, {}};
}

Surface::Option option_of(const CLI::Option& option, const CLI::App& program) {
  Surface::Option result{{}, option.get_description(), value_of(option, program)};
  for (const auto& name : option.get_lnames()) result.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) result.names.push_back("-" + name);
  return result;
}

Surface::Command command_of(const CLI::App& command, const CLI::App& program) {
  Surface::Command result{command.get_name(), command.get_description(), {}, {}};
  for (const auto* option : command.get_options()) {
    if (option->nonpositional()) {
      result.options.push_back(option_of(*option, program));
    } else {
      result.positionals.push_back({value_of(*option, program), option->get_items_expected_max() > 1});
    }
  }
  for (const auto* option : program.get_options()) {
    const auto& name = option->get_lnames().front();
    if (name == "quiet" || name == "verbose") result.options.push_back(option_of(*option, program));
  }
  return result;
}

}  // namespace

Surface surface_of(const CLI::App& program) {
  Surface surface;
  for (const auto* option : program.get_options()) surface.options.push_back(option_of(*option, program));
  for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    surface.commands.push_back(command_of(*command, program));
  }
  return surface;
}

std::string completion_script(const std::string& shell, const CLI::App& program) {
  const auto surface = surface_of(program);
  if (shell == "bash") return bash_script(surface);
  if (shell == "zsh") return zsh_script(surface);
  if (shell == "fish") return fish_script(surface);
  throw UsageError("there is no completion for '" + shell + "'");
}

}  // namespace farpoint::cli
