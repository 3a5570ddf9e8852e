// SPDX-License-Identifier: Apache-2.0
#include "comm/failure.hpp"

#include <fmt/format.h>

#include <new>

#include "farpoint/base/terminal.hpp"
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
  terminal::print_line(fmt::format("farpoint: {} {}", terminal::painted(terminal::Colour::red, "error:"), message));
}

void report(const Failure& failure) {
  if (failure.code != ExitCode::stopped) return report_error(failure.message);
  terminal::print_line(fmt::format("farpoint: {}", failure.message));
}

}  // namespace farpoint::comm
