// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include "comm/mpi_handle.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::comm {

class MpiCommunicator final : public Communicator {
 public:
  /// Owns `comm` from here on.
  MpiCommunicator(MPI_Comm comm, std::uint64_t piece_limit);

  int rank() const override { return handle_.rank(); }
  int size() const override { return handle_.size(); }

  void barrier() override;
  void wait_for_all(const std::function<void()>& meanwhile) override;
  void broadcast_bytes(std::span<std::byte> data, int root) override;
  void all_reduce_bytes(std::span<std::byte> data, Scalar type, Reduction reduction) override;
  void gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                    std::span<const std::uint64_t> counts, int root) override;
  void all_gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                        std::span<const std::uint64_t> counts) override;
  void all_to_all_bytes(std::span<const std::byte> data, std::span<const std::uint64_t> send_counts,
                        std::span<std::byte> received, std::span<const std::uint64_t> receive_counts) override;

  void send_bytes(std::span<const std::byte> data, int destination) override;
  void receive_bytes(std::span<std::byte> data, int source) override;

  std::unique_ptr<Communicator> split(int color, int key) override;
  std::unique_ptr<Communicator> split_by_node() override;
  std::unique_ptr<SharedCounter> make_counter() override;
  std::unique_ptr<SharedFlag> make_flag() override;

 private:
  void broadcast_pieces(std::span<std::byte> data, int root);
  void all_gather_at_once(std::span<const std::byte> data, std::span<std::byte> received,
                          std::span<const std::uint64_t> counts);
  void all_gather_by_rank(std::span<const std::byte> data, std::span<std::byte> received,
                          std::span<const std::uint64_t> counts);
  void require_other_rank(int peer) const;

  MpiHandle handle_;
  std::uint64_t piece_limit_;
};

}  // namespace farpoint::comm
