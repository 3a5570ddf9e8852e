// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <numeric>
#include <ranges>
#include <type_traits>

#include "farpoint/comm/communicator.hpp"

/// Typed collectives for bulk arrays of plain values. For structured messages see objects.hpp.
namespace farpoint::comm {

/// What means the same on another rank when its bytes are copied: no pointers, and no views such as span.
template <typename T>
concept Plain = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !std::ranges::borrowed_range<T>;

template <typename T>
constexpr Scalar scalar_of() {
  if constexpr (std::same_as<T, float>)
    return Scalar::f32;
  else if constexpr (std::same_as<T, double>)
    return Scalar::f64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return Scalar::u8;
  else if constexpr (std::is_unsigned_v<T> && sizeof(T) == 4)
    return Scalar::u32;
  else if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8)
    return Scalar::u64;
  else if constexpr (std::is_signed_v<T> && sizeof(T) == 4)
    return Scalar::i32;
  else {
    static_assert(std::is_signed_v<T> && sizeof(T) == 8, "no reduction for this type");
    return Scalar::i64;
  }
}

/// Values of all ranks in order of rank; rank r's are data[offsets[r]] to data[offsets[r + 1]].
template <typename T>
struct Gathered {
  std::vector<T> data;
  std::vector<std::uint64_t> offsets;
  std::span<const T> of(int rank) const {
    const auto r = static_cast<std::size_t>(rank);
    return std::span(data).subspan(offsets[r], offsets[r + 1] - offsets[r]);
  }
};

/// The values of rank `root` on every rank; as many on each. Collective, as all functions here but send() and
/// receive().
template <Plain T>
void broadcast(Communicator& comm, std::span<T> data, int root = 0) {
  comm.broadcast_bytes(std::as_writable_bytes(data), root);
}

/// Elementwise over the ranks, in place; as many values on each. Of floats no sums whose bits matter: they depend on
/// the number of ranks.
template <Plain T>
void all_reduce(Communicator& comm, std::span<T> data, Reduction reduction) {
  comm.all_reduce_bytes(std::as_writable_bytes(data), scalar_of<T>(), reduction);
}

template <Plain T>
T all_reduce(Communicator& comm, T value, Reduction reduction) {
  all_reduce(comm, std::span<T>(&value, 1), reduction);
  return value;
}

/// One value a rank, in order of rank, on every rank. One collective call.
template <Plain T>
std::vector<T> all_gather(Communicator& comm, const T& value) {
  std::vector<T> all(static_cast<std::size_t>(comm.size()));
  const std::vector<std::uint64_t> counts(all.size(), sizeof(T));
  comm.all_gather_bytes(std::as_bytes(std::span(&value, 1)), std::as_writable_bytes(std::span(all)), counts);
  return all;
}

namespace detail {
template <typename T>
Gathered<T> make_gathered(std::span<const std::uint64_t> counts) {
  Gathered<T> gathered;
  gathered.offsets.assign(counts.size() + 1, 0);
  std::partial_sum(counts.begin(), counts.end(), gathered.offsets.begin() + 1);
  gathered.data.resize(gathered.offsets.back());
  return gathered;
}
template <typename T>
std::vector<std::uint64_t> byte_counts(std::span<const std::uint64_t> counts) {
  std::vector<std::uint64_t> bytes(counts.begin(), counts.end());
  for (auto& count : bytes) count *= sizeof(T);
  return bytes;
}
}  // namespace detail

/// Any number of values a rank. Two collective calls: the counts, the values.
template <Plain T>
Gathered<T> all_gather(Communicator& comm, std::span<const T> values) {
  const auto counts = all_gather(comm, std::uint64_t{values.size()});
  auto gathered = detail::make_gathered<T>(counts);
  comm.all_gather_bytes(std::as_bytes(values), std::as_writable_bytes(std::span(gathered.data)),
                        detail::byte_counts<T>(counts));
  return gathered;
}

/// As all_gather, but only rank `root` gets the values; elsewhere the result is empty.
template <Plain T>
Gathered<T> gather(Communicator& comm, std::span<const T> values, int root = 0) {
  const auto counts = all_gather(comm, std::uint64_t{values.size()});
  Gathered<T> gathered;
  if (comm.rank() == root) gathered = detail::make_gathered<T>(counts);
  comm.gather_bytes(std::as_bytes(values), std::as_writable_bytes(std::span(gathered.data)),
                    detail::byte_counts<T>(counts), root);
  return gathered;
}

/// `values` holds `counts[r]` values for rank r, in order of rank. Two collective calls.
template <Plain T>
Gathered<T> all_to_all(Communicator& comm, std::span<const T> values, std::span<const std::uint64_t> counts) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  const std::vector<std::uint64_t> one(ranks, sizeof(std::uint64_t));
  std::vector<std::uint64_t> incoming(ranks);
  comm.all_to_all_bytes(std::as_bytes(counts), one, std::as_writable_bytes(std::span(incoming)), one);
  auto gathered = detail::make_gathered<T>(incoming);
  comm.all_to_all_bytes(std::as_bytes(values), detail::byte_counts<T>(counts),
                        std::as_writable_bytes(std::span(gathered.data)), detail::byte_counts<T>(incoming));
  return gathered;
}

/// For rank `destination`, another one, which calls receive() for as many values; may block until then.
template <Plain T>
void send(Communicator& comm, std::span<const T> values, int destination) {
  comm.send_bytes(std::as_bytes(values), destination);
}

template <Plain T>
void receive(Communicator& comm, std::span<T> values, int source) {
  comm.receive_bytes(std::as_writable_bytes(values), source);
}

}  // namespace farpoint::comm
