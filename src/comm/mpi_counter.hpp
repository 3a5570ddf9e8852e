// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include <deque>
#include <memory>

#include "comm/mpi_handle.hpp"
#include "comm/unwinding.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

/// Each add() is a small message to rank 0, on a communicator of its own so that it meets no other message. A message
/// of zero says that its sender adds no more.
class MpiCounter final : public SharedCounter {
 public:
  /// Collective over `comm`, which it duplicates.
  explicit MpiCounter(MPI_Comm comm);
  ~MpiCounter() override;

  void add(std::uint64_t amount) override;
  std::uint64_t read() override;

 private:
  struct Message {
    std::uint64_t amount;
    MPI_Request request;
  };

  void post(std::uint64_t amount);
  void forget_sent();
  void receive_one();
  void close();

  MpiHandle handle_;
  /// On the heap, because it outlives the counter when an exception unwinds: MPI may still read from it.
  std::unique_ptr<std::deque<Message>> outbox_;
  std::uint64_t total_ = 0;
  /// Ranks that may still send to this one.
  int open_senders_ = 0;
  Unwinding unwinding_;
};

}  // namespace farpoint::comm
