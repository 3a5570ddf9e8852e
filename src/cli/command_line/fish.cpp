// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command_line/surface.hpp"

namespace farpoint::cli {

namespace {

constexpr std::string_view helpers = R"(# Lets fish complete farpoint. Printed by: farpoint completion fish
function __farpoint_command
    for word in (commandline -opc)[2..]
        if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end
function __farpoint_is
    set -l command (__farpoint_command)
    test "$command" = "$argv[1]"
end
complete -c farpoint -f
)";

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

/// The part of `complete` that says what stands there; `-x`: nothing but that, `-rF`: also files.
std::string answers(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::config:
      return " -k -a '(__fish_complete_suffix .yaml .yml)'";
    case Kind::file:
    case Kind::run:
      return " -F";
    case Kind::folder:
      return " -a '(__fish_complete_directories (commandline -ct))'";
    case Kind::words:
    case Kind::settings:
      return fmt::format(" -a {}", quoted(fmt::format("{}", fmt::join(value.words, " "))));
    case Kind::nothing:
    case Kind::text:
      return "";
  }
  return "";
}

std::string option_line(const std::string& command, const Surface::Option& option) {
  auto line = fmt::format("complete -c farpoint -n {}", quoted("__farpoint_is " + quoted(command)));
  for (const auto& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  line += " -d " + quoted(option.meaning);
  if (option.value.kind != Value::Kind::nothing) line += " -r" + answers(option.value);
  return line + "\n";
}

}  // namespace

std::string fish_script(const Surface& surface) {
  std::string text(helpers);
  for (const auto& option : surface.options) text += option_line("", option);
  for (const auto& command : surface.commands) {
    text += fmt::format("complete -c farpoint -n {} -a {} -d {}\n", quoted("__farpoint_is ''"), command.name,
                        quoted(command.summary));
  }
  for (const auto& command : surface.commands) {
    for (const auto& option : command.options) text += option_line(command.name, option);
    if (command.positionals.empty()) continue;
    const auto& value = command.positionals.front().value;
    text +=
        fmt::format("complete -c farpoint -n {}{}\n", quoted("__farpoint_is " + quoted(command.name)), answers(value));
  }
  return text;
}

}  // namespace farpoint::cli
