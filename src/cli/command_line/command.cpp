// SPDX-License-Identifier: Apache-2.0
#include "command_line/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/node.hpp"

namespace farpoint::cli {

std::vector<Command> commands() {
  return {init_command(),   validate_command(), estimate_command(), run_command(),        submit_command(),
          status_command(), inspect_command(),  table_command(),    report_command(),     compare_command(),
          export_command(), jobs_command(),     help_command(),     completion_command(), bench_command()};
}

Body on_first_rank(std::function<int()> command) {
  return [command = std::move(command)](comm::Communicator& comm) {
    int code = 0;
    comm::agree(comm, [&] {
      if (comm.rank() == 0) code = command();
    });
    return code;
  };
}

CLI::Option* add_choice(CLI::App& command, const std::string& names, std::string& variable,
                        const std::vector<std::string>& words, const std::string& help) {
  // Not CLI::IsMember: that knows no suggestions.
  const auto check = [words](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    return fmt::format("'{}' is not one of {}{}", word, fmt::join(words, ", "), pipeline::suggestion(word, words));
  };
  return command.add_option(names, variable, help)
      ->check(CLI::Validator(check, ""))
      ->type_name(fmt::format("{}", fmt::join(words, "|")));
}

CLI::Option* add_json(CLI::App& command, bool& json, const std::string& help) {
  return command.add_flag("--json", json, help)->group(group::output);
}

}  // namespace farpoint::cli
