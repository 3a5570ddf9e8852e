// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "farpoint/comm/collectives.hpp"

/// Collectives for structured messages: any type that Boost.Serialization can save and load (include its header for
/// the type, e.g. <boost/serialization/vector.hpp>) and that has a default constructor. They copy several times, so
/// bulk arrays go through collectives.hpp. Each is two collective calls.
namespace farpoint::comm {

namespace detail {

template <typename T>
std::string pack(const T& object) {
  std::ostringstream stream;
  {
    // All ranks run the same program: the archive needs no header. Its destructor writes the rest.
    boost::archive::binary_oarchive archive(stream, boost::archive::no_header);
    archive << object;
  }
  return std::move(stream).str();
}

template <typename T>
void unpack(std::span<const char> bytes, T& object) {
  std::istringstream stream(std::string(bytes.begin(), bytes.end()));
  boost::archive::binary_iarchive archive(stream, boost::archive::no_header);
  archive >> object;
}

template <typename T>
std::vector<T> unpack_all(const Gathered<char>& packed) {
  std::vector<T> objects(packed.offsets.empty() ? 0 : packed.offsets.size() - 1);
  for (std::size_t rank = 0; rank < objects.size(); ++rank) unpack(packed.of(static_cast<int>(rank)), objects[rank]);
  return objects;
}

}  // namespace detail

/// Rank `root`'s object replaces that of every other rank.
template <typename T>
void broadcast_object(Communicator& comm, T& object, int root = 0) {
  const bool sends = comm.rank() == root;
  std::string packed = sends ? detail::pack(object) : std::string();
  std::uint64_t size = packed.size();
  broadcast(comm, std::span(&size, 1), root);
  packed.resize(size);
  broadcast(comm, std::span(packed), root);
  if (!sends) detail::unpack(std::span<const char>(packed), object);
}

/// On rank `root` one object a rank, in order of rank; elsewhere nothing.
template <typename T>
std::vector<T> gather_objects(Communicator& comm, const T& object, int root = 0) {
  const std::string packed = detail::pack(object);
  return detail::unpack_all<T>(gather(comm, std::span<const char>(packed), root));
}

/// One object a rank, in order of rank, on every rank.
template <typename T>
std::vector<T> all_gather_objects(Communicator& comm, const T& object) {
  const std::string packed = detail::pack(object);
  return detail::unpack_all<T>(all_gather(comm, std::span<const char>(packed)));
}

}  // namespace farpoint::comm
