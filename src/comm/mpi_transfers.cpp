// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_transfers.hpp"

#include <fmt/format.h>

#include "comm/mpi_check.hpp"
#include "comm/mpi_pieces.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::comm {

void MpiTransfers::send(std::span<const std::byte> data, int destination) {
  for_each_piece(data, piece_limit_, [&](std::span<const std::byte> piece) {
    auto& request = sends_.emplace_back(MPI_REQUEST_NULL);
    check("MPI_Isend", MPI_Isend(piece.data(), to_count(piece.size()), MPI_BYTE, destination, tag_, comm_, &request));
  });
}

void MpiTransfers::receive(std::span<std::byte> data, int source) {
  for_each_piece(data, piece_limit_, [&](std::span<std::byte> piece) {
    auto& receive = receives_.emplace_back(MPI_REQUEST_NULL, to_count(piece.size()), source);
    check("MPI_Irecv", MPI_Irecv(piece.data(), receive.bytes, MPI_BYTE, source, tag_, comm_, &receive.request));
  });
}

void MpiTransfers::wait() {
  for (auto& receive : receives_) finish(receive);
  for (auto& request : sends_) check("MPI_Wait", MPI_Wait(&request, MPI_STATUS_IGNORE));
  receives_.clear();
  sends_.clear();
}

void MpiTransfers::finish(Receive& receive) {
  MPI_Status status;
  check("MPI_Wait", MPI_Wait(&receive.request, &status));
  int arrived = 0;
  check("MPI_Get_count", MPI_Get_count(&status, MPI_BYTE, &arrived));
  if (arrived == receive.bytes) return;
  throw Error(fmt::format("rank {} sent {} bytes where {} were expected", receive.source, arrived, receive.bytes));
}

}  // namespace farpoint::comm
