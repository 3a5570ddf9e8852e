// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace farpoint::comm {

enum class Reduction { sum, min, max };
enum class Scalar { i32, i64, u8, u32, u64, f32, f64 };

/// A number that any rank may raise and rank 0 may read while the ranks work, without a collective call.
/// Used for progress. Destroying it is collective.
class SharedCounter {
 public:
  virtual ~SharedCounter() = default;
  /// Never blocks on another rank.
  virtual void add(std::uint64_t amount) = 0;
  /// Rank 0 only: the sum of what has arrived so far. Takes in what is under way, so call it now and then.
  virtual std::uint64_t read() = 0;
};

/// Something that any rank may say to all others while they work, once, without a collective call: that the run is to
/// stop. Destroying it is collective.
class SharedFlag {
 public:
  virtual ~SharedFlag() = default;
  /// Never blocks on another rank. Again: does nothing.
  virtual void raise() = 0;
  /// Whether any rank has, as far as this one has heard. Takes in what is under way, so call it now and then.
  virtual bool raised() = 0;
};

/// The ranks that work together, and how they exchange data. Two implementations: MPI (run.hpp makes it) and one
/// process alone (local.hpp). Counts are 64 bit everywhere; the MPI implementation sends what MPI cannot count in
/// pieces.
///
/// Collective calls must be made by all ranks in the same order. Not thread-safe: one thread a rank communicates.
/// Destroying one is collective too, and comes after its groups and counters; an exception that passes waits for
/// nobody. Errors of the transport throw Error with its text. Use the typed functions of collectives.hpp instead of the
/// byte functions here.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  virtual void barrier() = 0;
  /// A barrier for ranks that may come minutes apart: calls `meanwhile` every few milliseconds until all are here. It
  /// must not make collective calls of this communicator.
  virtual void wait_for_all(const std::function<void()>& meanwhile) = 0;
  virtual void broadcast_bytes(std::span<std::byte> data, int root) = 0;
  /// Elementwise over ranks, in place; `data` holds values of type `type`, the same count on every rank. Integer sums
  /// wrap; float sums depend on the number of ranks, so nothing that is promised to be rank-invariant may use them.
  virtual void all_reduce_bytes(std::span<std::byte> data, Scalar type, Reduction reduction) = 0;
  /// `counts[r]` bytes come from rank r and lie in `received` in order of rank. On ranks other than `root` the last
  /// two are not looked at.
  virtual void gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                            std::span<const std::uint64_t> counts, int root) = 0;
  virtual void all_gather_bytes(std::span<const std::byte> data, std::span<std::byte> received,
                                std::span<const std::uint64_t> counts) = 0;
  /// Piece r of `data` (send_counts[r] bytes) goes to rank r; piece r of `received` (receive_counts[r]) came from it.
  virtual void all_to_all_bytes(std::span<const std::byte> data, std::span<const std::uint64_t> send_counts,
                                std::span<std::byte> received, std::span<const std::uint64_t> receive_counts) = 0;

  /// Blocking, matched by receive_bytes of the same size on rank `destination`, which is another rank.
  virtual void send_bytes(std::span<const std::byte> data, int destination) = 0;
  virtual void receive_bytes(std::span<std::byte> data, int source) = 0;

  /// Collective. Ranks of one colour form a group, ordered by `key`, then by rank. A negative colour joins none: null.
  virtual std::unique_ptr<Communicator> split(int color, int key) = 0;
  /// Collective. The ranks of this rank's node.
  virtual std::unique_ptr<Communicator> split_by_node() = 0;
  /// Collective.
  virtual std::unique_ptr<SharedCounter> make_counter() = 0;
  /// Collective.
  virtual std::unique_ptr<SharedFlag> make_flag() = 0;

  /// Collective calls made through this object so far (a call sent in pieces counts once).
  std::uint64_t collective_calls() const { return collective_calls_; }

 protected:
  void count_collective() { ++collective_calls_; }

 private:
  std::uint64_t collective_calls_ = 0;
};

}  // namespace farpoint::comm
