// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include "comm/unwinding.hpp"

namespace farpoint::comm {

/// Owns an MPI communicator. Errors on it are returned, not fatal. Destroying it is collective, except while an
/// exception unwinds: then it is left to the end of the program.
class MpiHandle {
 public:
  explicit MpiHandle(MPI_Comm comm);
  ~MpiHandle();
  MpiHandle(const MpiHandle&) = delete;
  MpiHandle& operator=(const MpiHandle&) = delete;

  MPI_Comm get() const { return comm_; }
  int rank() const { return rank_; }
  int size() const { return size_; }

 private:
  MPI_Comm comm_;
  int rank_ = 0;
  int size_ = 0;
  Unwinding unwinding_;
};

/// Collective. The same ranks, with messages of their own.
MPI_Comm duplicate(MPI_Comm comm);

}  // namespace farpoint::comm
