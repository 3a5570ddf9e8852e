// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "commands.hpp"

int main() {
  fmt::print("{}", farpoint::cli::configuration_page());
}
