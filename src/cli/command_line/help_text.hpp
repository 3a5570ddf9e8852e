// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

namespace farpoint::cli {

/// How help is laid out: the sentence, the usage, options by group, examples (the app's footer).
std::shared_ptr<CLI::FormatterBase> help_layout();

/// "FILE", "csv|jsonl"; "" of a flag. Without what CLI11 adds for checks.
std::string value_name(const CLI::Option& option);

}  // namespace farpoint::cli
