// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace farpoint::cli {

/// What lets `shell` (bash, zsh or fish) complete the program's command line, made from its declaration: what an option
/// takes is told by the name of its value (command.hpp).
std::string completion_script(const std::string& shell, const CLI::App& program);

}  // namespace farpoint::cli
