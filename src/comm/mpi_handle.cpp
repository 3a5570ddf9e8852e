// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_handle.hpp"

#include "comm/mpi_check.hpp"

namespace farpoint::comm {

MpiHandle::MpiHandle(MPI_Comm comm) : comm_(comm) {
  check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN));
  check("MPI_Comm_rank", MPI_Comm_rank(comm_, &rank_));
  check("MPI_Comm_size", MPI_Comm_size(comm_, &size_));
}

MpiHandle::~MpiHandle() {
  // A failure to free is not worth ending the run for.
  if (!unwinding_.in_progress()) MPI_Comm_free(&comm_);
}

MPI_Comm duplicate(MPI_Comm comm) {
  MPI_Comm copy = MPI_COMM_NULL;
  check("MPI_Comm_dup", MPI_Comm_dup(comm, &copy));
  return copy;
}

}  // namespace farpoint::comm
