// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

#include "farpoint/base/error.hpp"

/// Libraries of this program that are loaded when they are first needed, because they cost time and memory.
namespace farpoint {

/// Where the library lies: what the environment variable `variable` names; without it, `name` in the folder lib beside
/// that of the program.
std::filesystem::path late_library(const char* variable, const char* name);

/// The function `entry` of the library in `file`, which stays loaded. None of its names takes the place of those of the
/// program or of other libraries (RTLD_LOCAL), and what it needs of others is looked up when it is called. Throws Error
/// that says why it cannot be had, and does not name the file.
void* late_function(const std::filesystem::path& file, const char* entry);

/// What the function `entry` of the library returns, a table of its functions. Throws Error like late_function(), and
/// when the table's `interface` is not that of this program.
template <typename Table>
const Table& late_table(const std::filesystem::path& file, const char* entry, std::string_view interface) {
  using Entry = const Table*();
  const Table& table = *reinterpret_cast<Entry*>(late_function(file, entry))();
  if (std::string_view(table.interface) != interface) throw Error("it was built from other sources than this program");
  return table;
}

}  // namespace farpoint
