// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command_line/surface.hpp"

namespace farpoint::cli {

namespace {

/// Text of a description inside single quotes, where brackets and colons mean something to _arguments.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string action_for(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::config:
      return "_files -g \"*.(yaml|yml)\"";
    case Kind::file:
    case Kind::run:
      return "_files";
    case Kind::folder:
      return "_files -/";
    case Kind::words:
      return fmt::format("({})", fmt::join(value.words, " "));
    case Kind::settings:
      return fmt::format("compadd -S \"\" -- {}", fmt::join(value.words, " "));
    case Kind::nothing:
    case Kind::text:
      return "";
  }
  return "";
}

std::string value_part(const Value& value) {
  return fmt::format(":{}:{}", escaped(value.name), action_for(value));
}

std::string option_specs(const std::vector<Surface::Option>& options, const std::string& indent) {
  std::string text;
  for (const auto& option : options) {
    const auto value = option.value.kind == Value::Kind::nothing ? "" : value_part(option.value);
    const auto* repeats = option.value.kind == Value::Kind::settings ? "*" : "";
    for (const auto& name : option.names) {
      text += fmt::format(" \\\n{}'{}{}[{}]{}'", indent, repeats, name, escaped(option.meaning), value);
    }
  }
  return text;
}

std::string command_case(const Surface::Command& command) {
  auto text =
      fmt::format("        {})\n          _arguments{}", command.name, option_specs(command.options, "            "));
  for (std::size_t i = 0; i < command.positionals.size(); ++i) {
    const auto& positional = command.positionals[i];
    const auto place = positional.repeats ? "*" : std::to_string(i + 1);
    text += fmt::format(" \\\n            '{}{}'", place, value_part(positional.value));
  }
  return text + " ;;\n";
}

}  // namespace

std::string zsh_script(const Surface& surface) {
  std::string text =
      "#compdef farpoint\n# Lets zsh complete farpoint. Printed by: farpoint completion zsh\n_farpoint() {\n"
      "  local curcontext=$curcontext context state line\n  typeset -A opt_args\n  _arguments -C";
  text += option_specs(surface.options, "    ");
  text += " \\\n    '1:command:->command' \\\n    '*::argument:->arguments'\n  case $state in\n    command)\n";
  text += "      local -a commands\n      commands=(\n";
  for (const auto& command : surface.commands) {
    text += fmt::format("        '{}:{}'\n", command.name, escaped(command.summary));
  }
  text += "      )\n      _describe command commands ;;\n    arguments)\n      case $line[1] in\n";
  for (const auto& command : surface.commands) text += command_case(command);
  // As a file of fpath it is the function's body; sourced it says what it completes.
  return text +
         "      esac ;;\n  esac\n}\nif [ \"$funcstack[1]\" = _farpoint ]; then\n  _farpoint \"$@\"\nelse\n"
         "  compdef _farpoint farpoint\nfi\n";
}

}  // namespace farpoint::cli
