// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace farpoint::cli {

/// What a word of the command line may be.
struct Value {
  enum class Kind { nothing, text, config, file, folder, run, words, settings };
  Kind kind = Kind::nothing;
  std::string name;                ///< as the help has it
  std::vector<std::string> words;  ///< to choose from
};

/// The command line as shells need to know it.
struct Surface {
  struct Option {
    std::vector<std::string> names;  ///< with their dashes
    std::string meaning;
    Value value;
  };
  struct Positional {
    Value value;
    bool repeats = false;
  };
  struct Command {
    std::string name;
    std::string summary;
    std::vector<Option> options;  ///< with those of the program that may stand behind it
    std::vector<Positional> positionals;
  };
  std::vector<Option> options;  ///< before the command
  std::vector<Command> commands;
};

Surface surface_of(const CLI::App& program);

// One shell a file.
std::string bash_script(const Surface& surface);
std::string zsh_script(const Surface& surface);
std::string fish_script(const Surface& surface);

}  // namespace farpoint::cli
