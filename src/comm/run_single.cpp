// SPDX-License-Identifier: Apache-2.0
// run() of a build without MPI; run_mpi.cpp is its counterpart.
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

}  // namespace farpoint::comm
