// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_check.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "farpoint/base/error.hpp"

namespace farpoint::comm {

void check(const char* call, int code) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS) throw Error(fmt::format("{}: error {}", call, code));
  throw Error(fmt::format("{}: {}", call, std::string_view(text.data(), static_cast<std::size_t>(length))));
}

int to_count(std::uint64_t number) {
  if (!std::in_range<int>(number)) {
    throw Error(
        fmt::format("{} elements in one MPI call; at most {} are possible", number, std::numeric_limits<int>::max()));
  }
  return static_cast<int>(number);
}

}  // namespace farpoint::comm
