// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/run_status.hpp"
#include "farpoint/pipeline/work_board.hpp"

namespace farpoint::cli {

int status(const StatusArguments& arguments) {
  if (!std::filesystem::is_directory(arguments.run)) {
    throw UsageError(fmt::format("{}: there is no such folder", arguments.run));
  }
  const auto now = pipeline::seconds_since_epoch();
  const auto found = pipeline::read_status(arguments.run, now);
  fmt::print("{}", arguments.json ? to_json(found) : to_text(found, now));
  return 0;
}

}  // namespace farpoint::cli
