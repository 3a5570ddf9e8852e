// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include <vector>

#include "comm/mpi_handle.hpp"
#include "comm/unwinding.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// Who raises it sends an empty message to each other rank, on a communicator of its own.
class MpiFlag final : public SharedFlag {
 public:
  /// Collective over `comm`, which it duplicates.
  explicit MpiFlag(MPI_Comm comm);
  ~MpiFlag() override;

  void raise() override;
  bool raised() override;

 private:
  void receive_one();
  void close();

  MpiHandle handle_;
  /// Their messages have no content, so nothing must outlive the flag when an exception unwinds.
  std::vector<MPI_Request> sent_;
  bool raised_here_ = false;
  int heard_ = 0;  ///< ranks whose message has arrived
  Unwinding unwinding_;
};

}  // namespace farpoint::comm
