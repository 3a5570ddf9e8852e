// SPDX-License-Identifier: Apache-2.0
// run() of a build without MPI; run_mpi.cpp is its counterpart.
#include <cstdlib>

#include "comm/failure.hpp"
#include "comm/run_alone.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::comm {

bool launched_by_mpi() {
  return false;
}

std::string transport() {
  return "no MPI";
}

int run(int& /*argc*/, char**& /*argv*/, const std::function<int(Communicator&)>& body) {
  return run_alone(body);
}

void end_all_ranks(const std::string& message, ExitCode code) {
  report_error(message);
  std::_Exit(static_cast<int>(code));
}

}  // namespace farpoint::comm
