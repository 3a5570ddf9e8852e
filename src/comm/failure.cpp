// SPDX-License-Identifier: Apache-2.0
#include "comm/failure.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <new>

#include "farpoint/comm/run.hpp"

namespace farpoint::comm {

Failure current_failure() {
  try {
    throw;
  } catch (const AgreedError& error) {
    return {error.what(), error.code(), true};
  } catch (const Error& error) {
    return {error.what(), error.code(), false};
  } catch (const std::bad_alloc&) {
    return {"out of memory", ExitCode::failed, false};
  } catch (const std::exception& error) {
    return {error.what(), ExitCode::failed, false};
  } catch (...) {
    return {"unknown exception", ExitCode::failed, false};
  }
}

void report_error(std::string_view message) {
  fmt::print(stderr, "farpoint: error: {}\n", message);
  std::fflush(stderr);
}

void report(const Failure& failure) {
  if (failure.code != ExitCode::stopped) return report_error(failure.message);
  fmt::print(stderr, "farpoint: {}\n", failure.message);
  std::fflush(stderr);
}

}  // namespace farpoint::comm
