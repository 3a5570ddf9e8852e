// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command_line/surface.hpp"

namespace farpoint::cli {

namespace {

/// What every script has: names with spaces stay whole, for each line is one answer.
constexpr std::string_view helpers = R"(# Lets bash complete farpoint. Printed by: farpoint completion bash
_farpoint_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}
_farpoint_keys() {
  compopt -o nospace 2>/dev/null
  _farpoint_words "$1"
}
_farpoint_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}
_farpoint_folders() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$current")
}
_farpoint_configs() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.yaml' -- "$current"; compgen -f -X '!*.yml' -- "$current")
}
_farpoint() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word i
  COMPREPLY=()
  # Bash takes --format=csv for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word != -* ]]; then
      command=$word
      break
    fi
  done
  case $command in
)";

std::string call_for(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::config:
      return "_farpoint_configs";
    case Kind::file:
    case Kind::run:
      return "_farpoint_files";
    case Kind::folder:
      return "_farpoint_folders";
    case Kind::words:
      return fmt::format("_farpoint_words '{}'", fmt::join(value.words, " "));
    case Kind::settings:
      return fmt::format("_farpoint_keys '{}'", fmt::join(value.words, " "));
    case Kind::nothing:
    case Kind::text:
      return ":";
  }
  return ":";
}

std::string names_of(const std::vector<Surface::Option>& options) {
  std::string names;
  for (const auto& option : options) {
    for (const auto& name : option.names) names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

std::string cases_of(const Surface::Command& command) {
  std::string text;
  for (const auto& option : command.options) {
    if (option.value.kind == Value::Kind::nothing) continue;
    text += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, " | "), call_for(option.value));
  }
  if (!text.empty()) text = "      case $previous in\n" + text + "      esac\n";
  return text;
}

}  // namespace

std::string bash_script(const Surface& surface) {
  std::string text(helpers);
  std::string words = names_of(surface.options);
  for (const auto& command : surface.commands) words += " " + command.name;
  text += fmt::format("    '') _farpoint_words '{}' ;;\n", words);
  for (const auto& command : surface.commands) {
    text += fmt::format("    {})\n{}", command.name, cases_of(command));
    text += fmt::format("      if [[ $current == -* ]]; then _farpoint_words '{}'; return; fi\n",
                        names_of(command.options));
    text +=
        fmt::format("      {} ;;\n", command.positionals.empty() ? ":" : call_for(command.positionals.front().value));
  }
  return text + "  esac\n}\ncomplete -F _farpoint farpoint\n";
}

}  // namespace farpoint::cli
