// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_handle.hpp"

#include "comm/mpi_check.hpp"
#include "farpoint/base/activity.hpp"

namespace farpoint::comm {

MpiHandle::MpiHandle(MPI_Comm comm) : comm_(comm) {
  check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN));
  check("MPI_Comm_rank", MPI_Comm_rank(comm_, &rank_));
  check("MPI_Comm_size", MPI_Comm_size(comm_, &size_));
}

MpiHandle::~MpiHandle() {
  if (unwinding_.in_progress()) return;
  const ScopedActivity communicating(Activity::communicating);
  // A failure to free is not worth ending the run for.
  MPI_Comm_free(&comm_);
}

MPI_Comm duplicate(MPI_Comm comm) {
  const ScopedActivity communicating(Activity::communicating);
  MPI_Comm copy = MPI_COMM_NULL;
  check("MPI_Comm_dup", MPI_Comm_dup(comm, &copy));
  return copy;
}

}  // namespace farpoint::comm
