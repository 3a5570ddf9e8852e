// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_communicator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <numeric>
#include <thread>

#include "comm/mpi_check.hpp"
#include "comm/mpi_counter.hpp"
#include "comm/mpi_flag.hpp"
#include "comm/mpi_pieces.hpp"
#include "comm/mpi_transfers.hpp"
#include "comm/mpi_world.hpp"
#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::comm {

namespace {

/// Messages of different purpose must not be taken for one another.
enum Tag : int { send_tag, gather_tag, all_to_all_tag };

struct Element {
  MPI_Datatype type;
  std::uint64_t bytes;
};

Element element_of(Scalar scalar) {
  switch (scalar) {
    case Scalar::i32:
      return {MPI_INT32_T, 4};
    case Scalar::i64:
      return {MPI_INT64_T, 8};
    case Scalar::u8:
      return {MPI_UINT8_T, 1};
    case Scalar::u32:
      return {MPI_UINT32_T, 4};
    case Scalar::u64:
      return {MPI_UINT64_T, 8};
    case Scalar::f32:
      return {MPI_FLOAT, 4};
    case Scalar::f64:
      return {MPI_DOUBLE, 8};
  }
  throw Error(fmt::format("no MPI type for scalar {}", static_cast<int>(scalar)));
}

MPI_Op operation_of(Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return MPI_SUM;
    case Reduction::min:
      return MPI_MIN;
    case Reduction::max:
      return MPI_MAX;
  }
  throw Error(fmt::format("no MPI operation for reduction {}", static_cast<int>(reduction)));
}

/// Where each rank's part begins, and after the last one the total.
std::vector<std::uint64_t> offsets_of(std::span<const std::uint64_t> counts) {
  std::vector<std::uint64_t> offsets(counts.size() + 1, 0);
  std::partial_sum(counts.begin(), counts.end(), offsets.begin() + 1);
  return offsets;
}

std::vector<int> to_counts(std::span<const std::uint64_t> numbers) {
  std::vector<int> counts(numbers.size());
  std::ranges::transform(numbers, counts.begin(), to_count);
  return counts;
}

template <typename Byte>
std::span<Byte> part(std::span<Byte> data, std::span<const std::uint64_t> offsets, int rank) {
  const auto r = static_cast<std::size_t>(rank);
  return data.subspan(offsets[r], offsets[r + 1] - offsets[r]);
}

}  // namespace

MpiCommunicator::MpiCommunicator(MPI_Comm comm, std::uint64_t piece_limit) : handle_(comm), piece_limit_(piece_limit) {
  assert(piece_limit > 0 && piece_limit <= default_piece_limit);
}

void MpiCommunicator::barrier() {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  check("MPI_Barrier", MPI_Barrier(handle_.get()));
}

void MpiCommunicator::wait_for_all(const std::function<void()>& meanwhile) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  MPI_Request request = MPI_REQUEST_NULL;
  check("MPI_Ibarrier", MPI_Ibarrier(handle_.get(), &request));
  const auto all_here = [&] {
    int done = 0;
    check("MPI_Test", MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    return done != 0;
  };
  while (!all_here()) {
    meanwhile();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void MpiCommunicator::broadcast_bytes(std::span<std::byte> data, int root) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  broadcast_pieces(data, root);
}

void MpiCommunicator::broadcast_pieces(std::span<std::byte> data, int root) {
  for_each_piece(data, piece_limit_, [&](std::span<std::byte> piece) {
    check("MPI_Bcast", MPI_Bcast(piece.data(), to_count(piece.size()), MPI_BYTE, root, handle_.get()));
  });
}

void MpiCommunicator::all_reduce_bytes(std::span<std::byte> data, Scalar type, Reduction reduction) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  const auto element = element_of(type);
  const auto operation = operation_of(reduction);
  assert(data.size() % element.bytes == 0);
  const std::uint64_t whole_elements = std::max<std::uint64_t>(1, piece_limit_ / element.bytes) * element.bytes;
  for_each_piece(data, whole_elements, [&](std::span<std::byte> piece) {
    const int count = to_count(piece.size() / element.bytes);
    check("MPI_Allreduce", MPI_Allreduce(MPI_IN_PLACE, piece.data(), count, element.type, operation, handle_.get()));
  });
}

// By messages instead of MPI_Gatherv: only the root knows the total, so the others cannot tell whether pieces are
// needed.
void MpiCommunicator::gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                                   std::span<const std::uint64_t> counts, int root) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  MpiTransfers transfers(handle_.get(), gather_tag, piece_limit_);
  if (rank() == root) {
    const auto offsets = offsets_of(counts);
    assert(counts.size() == static_cast<std::size_t>(size()) && offsets.back() == received.size());
    for (int source = 0; source < size(); ++source) {
      if (source != root) transfers.receive(part(received, offsets, source), source);
    }
    std::ranges::copy(data, part(received, offsets, root).begin());
  } else {
    transfers.send(data, root);
  }
  transfers.wait();
}

void MpiCommunicator::all_gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                                       std::span<const std::uint64_t> counts) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  assert(counts.size() == static_cast<std::size_t>(size()));
  assert(data.size() == counts[static_cast<std::size_t>(rank())]);
  if (received.size() <= piece_limit_) {
    all_gather_at_once(data, received, counts);
  } else {
    all_gather_by_rank(data, received, counts);
  }
}

void MpiCommunicator::all_gather_at_once(std::span<const std::byte> data, std::span<std::byte> received,
                                         std::span<const std::uint64_t> counts) {
  const auto sizes = to_counts(counts);
  const auto offsets = to_counts(offsets_of(counts));
  check("MPI_Allgatherv", MPI_Allgatherv(data.data(), to_count(data.size()), MPI_BYTE, received.data(), sizes.data(),
                                         offsets.data(), MPI_BYTE, handle_.get()));
}

// MPI_Allgatherv's offsets are int, so what is large goes out in place, one rank after the other.
void MpiCommunicator::all_gather_by_rank(std::span<const std::byte> data, std::span<std::byte> received,
                                         std::span<const std::uint64_t> counts) {
  const auto offsets = offsets_of(counts);
  std::ranges::copy(data, part(received, offsets, rank()).begin());
  for (int root = 0; root < size(); ++root) broadcast_pieces(part(received, offsets, root), root);
}

// By messages instead of MPI_Alltoallv: no rank knows all sizes, so they could not agree on pieces without a reduction.
void MpiCommunicator::all_to_all_bytes(std::span<const std::byte> data, std::span<const std::uint64_t> send_counts,
                                       std::span<std::byte> received, std::span<const std::uint64_t> receive_counts) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  const auto send_offsets = offsets_of(send_counts);
  const auto receive_offsets = offsets_of(receive_counts);
  assert(send_offsets.back() == data.size() && receive_offsets.back() == received.size());
  MpiTransfers transfers(handle_.get(), all_to_all_tag, piece_limit_);
  // Each rank begins with its neighbour, so that they do not all send to the same one.
  for (int step = 1; step < size(); ++step) {
    const int source = (rank() - step + size()) % size();
    transfers.receive(part(received, receive_offsets, source), source);
  }
  for (int step = 1; step < size(); ++step) {
    const int destination = (rank() + step) % size();
    transfers.send(part(data, send_offsets, destination), destination);
  }
  std::ranges::copy(part(data, send_offsets, rank()), part(received, receive_offsets, rank()).begin());
  transfers.wait();
}

void MpiCommunicator::send_bytes(std::span<const std::byte> data, int destination) {
  const ScopedActivity communicating(Activity::communicating);
  require_other_rank(destination);
  MpiTransfers transfers(handle_.get(), send_tag, piece_limit_);
  transfers.send(data, destination);
  transfers.wait();
}

void MpiCommunicator::receive_bytes(std::span<std::byte> data, int source) {
  const ScopedActivity communicating(Activity::communicating);
  require_other_rank(source);
  MpiTransfers transfers(handle_.get(), send_tag, piece_limit_);
  transfers.receive(data, source);
  transfers.wait();
}

// MPI takes small messages to oneself and waits forever with large ones; an error at any size is found in the first
// test.
void MpiCommunicator::require_other_rank(int peer) const {
  if (peer != rank() && peer >= 0 && peer < size()) return;
  throw Error(
      fmt::format("rank {} of {}: a message to or from rank {}, which is not another rank", rank(), size(), peer));
}

std::unique_ptr<Communicator> MpiCommunicator::split(int color, int key) {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  MPI_Comm group = MPI_COMM_NULL;
  check("MPI_Comm_split", MPI_Comm_split(handle_.get(), color < 0 ? MPI_UNDEFINED : color, key, &group));
  if (group == MPI_COMM_NULL) return nullptr;
  return std::make_unique<MpiCommunicator>(group, piece_limit_);
}

std::unique_ptr<Communicator> MpiCommunicator::split_by_node() {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  MPI_Comm node = MPI_COMM_NULL;
  check("MPI_Comm_split_type", MPI_Comm_split_type(handle_.get(), MPI_COMM_TYPE_SHARED, rank(), MPI_INFO_NULL, &node));
  return std::make_unique<MpiCommunicator>(node, piece_limit_);
}

std::unique_ptr<SharedCounter> MpiCommunicator::make_counter() {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  return std::make_unique<MpiCounter>(handle_.get());
}

std::unique_ptr<SharedFlag> MpiCommunicator::make_flag() {
  const ScopedActivity communicating(Activity::communicating);
  count_collective();
  return std::make_unique<MpiFlag>(handle_.get());
}

std::unique_ptr<Communicator> duplicate_world(std::uint64_t piece_limit) {
  return std::make_unique<MpiCommunicator>(duplicate(MPI_COMM_WORLD), piece_limit);
}

}  // namespace farpoint::comm
