// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace farpoint::comm {

/// Messages under way between pairs of ranks, in pieces of at most `piece_limit` bytes. Both sides must use the same
/// limit, tag and sizes; between two ranks messages of one tag arrive in the order in which they were sent. Empty
/// messages are not sent. The memory must stay until wait() returns.
class MpiTransfers {
 public:
  MpiTransfers(MPI_Comm comm, int tag, std::uint64_t piece_limit) : comm_(comm), tag_(tag), piece_limit_(piece_limit) {}

  void send(std::span<const std::byte> data, int destination);
  void receive(std::span<std::byte> data, int source);
  /// Throws Error when a message is longer or shorter than its receiver expected.
  void wait();

 private:
  struct Receive {
    MPI_Request request;
    int bytes;
    int source;
  };
  static void finish(Receive& receive);

  MPI_Comm comm_;
  int tag_;
  std::uint64_t piece_limit_;
  std::vector<MPI_Request> sends_;
  std::vector<Receive> receives_;
};

}  // namespace farpoint::comm
