// SPDX-License-Identifier: Apache-2.0
#include "farpoint/comm/local.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "farpoint/base/error.hpp"

namespace farpoint::comm {

namespace {

class LocalCounter final : public SharedCounter {
 public:
  void add(std::uint64_t amount) override { total_ += amount; }
  std::uint64_t read() override { return total_; }

 private:
  std::uint64_t total_ = 0;
};

class LocalFlag final : public SharedFlag {
 public:
  void raise() override { raised_ = true; }
  bool raised() override { return raised_; }

 private:
  bool raised_ = false;
};

class LocalCommunicator final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }

  void barrier() override { count_collective(); }
  void wait_for_all(const std::function<void()>& /*meanwhile*/) override { count_collective(); }
  void broadcast_bytes(std::span<std::byte> /*data*/, [[maybe_unused]] int root) override {
    assert(root == 0);
    count_collective();
  }
  void all_reduce_bytes(std::span<std::byte> /*data*/, Scalar /*type*/, Reduction /*reduction*/) override {
    count_collective();
  }
  void gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                    std::span<const std::uint64_t> counts, [[maybe_unused]] int root) override {
    assert(root == 0);
    copy(data, received, counts);
  }
  void all_gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                        std::span<const std::uint64_t> counts) override {
    copy(data, received, counts);
  }
  void all_to_all_bytes(std::span<const std::byte> data, [[maybe_unused]] std::span<const std::uint64_t> send_counts,
                        std::span<std::byte> received, std::span<const std::uint64_t> receive_counts) override {
    assert(send_counts.size() == 1 && send_counts[0] == data.size());
    copy(data, received, receive_counts);
  }

  void send_bytes(std::span<const std::byte> /*data*/, int destination) override { refuse(destination); }
  void receive_bytes(std::span<std::byte> /*data*/, int source) override { refuse(source); }

  std::unique_ptr<Communicator> split(int color, int /*key*/) override {
    count_collective();
    return color < 0 ? nullptr : make_local();
  }
  std::unique_ptr<Communicator> split_by_node() override {
    count_collective();
    return make_local();
  }
  std::unique_ptr<SharedCounter> make_counter() override {
    count_collective();
    return std::make_unique<LocalCounter>();
  }
  std::unique_ptr<SharedFlag> make_flag() override {
    count_collective();
    return std::make_unique<LocalFlag>();
  }

 private:
  void copy(std::span<const std::byte> data, std::span<std::byte> received,
            [[maybe_unused]] std::span<const std::uint64_t> counts) {
    assert(counts.size() == 1 && counts[0] == data.size() && received.size() == data.size());
    count_collective();
    std::ranges::copy(data, received.begin());
  }

  [[noreturn]] static void refuse(int rank) {
    throw Error(fmt::format("a message to or from rank {}, but this process works alone", rank));
  }
};

}  // namespace

std::unique_ptr<Communicator> make_local() {
  return std::make_unique<LocalCommunicator>();
}

}  // namespace farpoint::comm
