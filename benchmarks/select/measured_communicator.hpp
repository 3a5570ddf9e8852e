// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <memory>
#include <numeric>
#include <span>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::select {

/// CPU seconds of the calling thread so far. Unlike the time that passes, they tell what a rank works when more ranks
/// than cores run.
inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Passes everything on to another communicator, which must outlive it, and books what goes through: bytes that come
/// from other ranks, and the CPU seconds inside collective calls. Those are mostly waiting, as MPI waits by asking.
class MeasuredCommunicator final : public comm::Communicator {
 public:
  explicit MeasuredCommunicator(comm::Communicator& inner) : inner_(inner) {}

  double seconds_inside() const { return seconds_inside_; }
  std::uint64_t bytes() const { return bytes_; }

  int rank() const override { return inner_.rank(); }
  int size() const override { return inner_.size(); }

  void barrier() override {
    book(0, [&] { inner_.barrier(); });
  }
  void wait_for_all(const std::function<void()>& meanwhile) override {
    book(0, [&] { inner_.wait_for_all(meanwhile); });
  }
  void broadcast_bytes(std::span<std::byte> data, int root) override {
    book(rank() == root ? 0 : data.size(), [&] { inner_.broadcast_bytes(data, root); });
  }
  void all_reduce_bytes(std::span<std::byte> data, comm::Scalar type, comm::Reduction reduction) override {
    book(size() == 1 ? 0 : data.size(), [&] { inner_.all_reduce_bytes(data, type, reduction); });
  }
  void gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                    std::span<const std::uint64_t> counts, int root) override {
    book(rank() == root ? from_others(counts) : 0, [&] { inner_.gather_bytes(data, received, counts, root); });
  }
  void all_gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                        std::span<const std::uint64_t> counts) override {
    book(from_others(counts), [&] { inner_.all_gather_bytes(data, received, counts); });
  }
  void all_to_all_bytes(std::span<const std::byte> data, std::span<const std::uint64_t> send_counts,
                        std::span<std::byte> received, std::span<const std::uint64_t> receive_counts) override {
    book(from_others(receive_counts), [&] { inner_.all_to_all_bytes(data, send_counts, received, receive_counts); });
  }
  void send_bytes(std::span<const std::byte> data, int destination) override { inner_.send_bytes(data, destination); }
  void receive_bytes(std::span<std::byte> data, int source) override {
    bytes_ += data.size();
    inner_.receive_bytes(data, source);
  }

  // What goes through these is not booked.
  std::unique_ptr<comm::Communicator> split(int color, int key) override { return inner_.split(color, key); }
  std::unique_ptr<comm::Communicator> split_by_node() override { return inner_.split_by_node(); }
  std::unique_ptr<comm::SharedCounter> make_counter() override { return inner_.make_counter(); }
  std::unique_ptr<comm::SharedFlag> make_flag() override { return inner_.make_flag(); }

 private:
  std::uint64_t from_others(std::span<const std::uint64_t> counts) const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) - counts[static_cast<std::size_t>(rank())];
  }

  template <typename Call>
  void book(std::uint64_t received, const Call& call) {
    count_collective();
    bytes_ += received;
    const double before = cpu_seconds();
    call();
    seconds_inside_ += cpu_seconds() - before;
  }

  comm::Communicator& inner_;
  double seconds_inside_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace farpoint::select
