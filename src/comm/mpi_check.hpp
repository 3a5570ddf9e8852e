// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include <cstdint>

namespace farpoint::comm {

/// Every MPI call passes through here: check("MPI_Bcast", MPI_Bcast(...)). Throws Error with the call's name and MPI's
/// own text. The communicator concerned must have MPI_ERRORS_RETURN, or MPI ends the program by itself.
void check(const char* call, int code);

/// MPI counts are int. Throws Error for what does not fit.
int to_count(std::uint64_t number);

}  // namespace farpoint::comm
