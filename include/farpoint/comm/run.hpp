// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// An error that every rank holds, so that all may end in order: rank 0 prints it, nobody is aborted.
class AgreedError : public Error {
 public:
  using Error::Error;
};

/// Runs `body` on every rank, then agrees on the outcome: when it threw on any rank, all throw an AgreedError with the
/// message and the exit code of the lowest such rank. Collective. `body` itself must not communicate.
///
/// The message begins with "rank N: ", unless all ranks failed with the same one or there is just one rank. What a
/// group of ranks agreed on, the others do not know: catch it, and agree on it again over all ranks before it reaches
/// run().
void agree(Communicator& comm, const std::function<void()>& body);

/// True when this process was started by an MPI launcher (mpirun, srun --mpi=pmix). Always false in a build
/// without MPI.
bool launched_by_mpi();

/// The library that carries messages, with its version, or "no MPI".
std::string transport();

/// Starts MPI if this process was launched by it, calls `body` with all ranks' communicator, and returns the exit code
/// for main(): body's own (the largest over ranks), or that of the error it threw.
///
/// An AgreedError is printed once and all ranks end in order; one that is no error but a stop on request is not called
/// an error. Any other exception is printed with the rank's number,
/// and all ranks are ended within seconds: the others may be waiting for this one inside a collective call.
int run(int& argc, char**& argv, const std::function<int(Communicator&)>& body);

/// "farpoint: error: <message>" on stderr, then ends all ranks with `code` within seconds, wherever they are: for a run
/// that does not go on. Of all functions here the only one that any thread may call.
[[noreturn]] void end_all_ranks(const std::string& message, ExitCode code);

}  // namespace farpoint::comm
