// SPDX-License-Identifier: Apache-2.0
#include "file_hashes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::pipeline {

namespace {

// Part of what shards depend on: with another size finished work would be made anew.
constexpr std::uint64_t piece_bytes = 64U << 20;
constexpr std::size_t buffer_bytes = 4U << 20;

struct Piece {
  std::uint64_t number = 0;
  Hash128 hash;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : path_(path), file_(std::fopen(path.c_str(), "rbe"), &std::fclose), buffer_(buffer_bytes) {
    if (file_ == nullptr) fail();
  }

  Hash128 hash(std::uint64_t begin, std::uint64_t end) {
    if (fseeko(file_.get(), static_cast<off_t>(begin), SEEK_SET) != 0) fail();
    Hasher hasher;
    errno = 0;
    while (begin < end) {
      const ScopedActivity files(Activity::files);  // each read is a sign of life
      const auto count =
          std::fread(buffer_.data(), 1, std::min<std::uint64_t>(end - begin, buffer_.size()), file_.get());
      if (count == 0) fail();
      hasher.add_raw(std::string_view(buffer_.data(), count));
      begin += count;
    }
    return hasher.digest();
  }

 private:
  [[noreturn]] void fail() const {
    const auto* reason = errno != 0 ? std::strerror(errno) : "it became shorter while it was read";
    throw Error(fmt::format("{}: cannot be read: {}", path_.string(), reason));
  }

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::vector<char> buffer_;
};

/// Rank 0's word, so that all ranks cut the file alike.
std::uint64_t size_of(comm::Communicator& comm, const std::filesystem::path& file) {
  std::uint64_t size = 0;
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    std::error_code error;
    size = std::filesystem::file_size(file, error);
    if (error) throw UsageError(fmt::format("{}: cannot be read: {}", file.string(), error.message()));
  });
  comm::broadcast(comm, std::span(&size, 1));
  return size;
}

Hash128 hash_file(comm::Communicator& comm, const std::filesystem::path& file) {
  const auto size = size_of(comm, file);
  std::vector<Piece> mine;
  comm::agree(comm, [&] {
    const auto step = piece_bytes * static_cast<std::uint64_t>(comm.size());
    std::unique_ptr<Reader> reader;
    for (auto begin = piece_bytes * static_cast<std::uint64_t>(comm.rank()); begin < size; begin += step) {
      if (reader == nullptr) reader = std::make_unique<Reader>(file);
      mine.push_back({begin / piece_bytes, reader->hash(begin, std::min(begin + piece_bytes, size))});
    }
  });
  auto pieces = comm::all_gather<Piece>(comm, mine).data;
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.number < b.number; });
  Hasher hasher;
  hasher.add(size);
  for (const auto& piece : pieces) hasher.add(piece.hash);
  return hasher.digest();
}

}  // namespace

Hash128 FileHashes::of(comm::Communicator& comm, const std::filesystem::path& file) {
  const auto known = known_.find(file);
  if (known != known_.end()) return known->second;
  return known_.emplace(file, hash_file(comm, file)).first->second;
}

}  // namespace farpoint::pipeline
