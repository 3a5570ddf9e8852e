// SPDX-License-Identifier: Apache-2.0
#include "sharded_words.hpp"

#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <cstring>
#include <string>
#include <string_view>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"

namespace farpoint::jobs {

namespace {

/// What stands before a word on its way to another rank.
struct Header {
  std::uint64_t count = 0;
  std::uint32_t source = 0;
  std::uint32_t size = 0;  ///< bytes of the word, which follow
};

void pack(std::string& bytes, const Header& header, std::string_view word) {
  bytes.append(reinterpret_cast<const char*>(&header), sizeof(header));
  bytes.append(word);
}

void unpack(std::string_view bytes, WordCounts& counts) {
  while (!bytes.empty()) {
    Header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    counts.add(header.source, bytes.substr(sizeof(header), header.size), header.count);
    bytes.remove_prefix(sizeof(header) + header.size);
  }
}

}  // namespace

void ShardedWords::exchange_if_full() {
  std::size_t bytes = 0;
  for (const auto& counts : of_threads_) bytes += counts.bytes();
  if (bytes >= full_bytes_) exchange(false);
}

bool ShardedWords::exchange(bool is_done) {
  const auto ranks = static_cast<std::size_t>(comm_.size());
  std::vector<std::string> for_ranks(ranks);
  for (auto& counts : of_threads_) {
    counts.for_each([&](std::uint32_t source, std::string_view word, std::uint64_t count) {
      pack(for_ranks[rank_of_word(word, ranks)], {count, source, static_cast<std::uint32_t>(word.size())}, word);
    });
    counts.clear();
  }
  std::string sent;
  std::vector<std::uint64_t> sizes;
  for (auto& part : for_ranks) {
    sizes.push_back(part.size());
    sent += part;
    part = {};
  }
  const auto received = comm::all_to_all(comm_, std::span<const char>(sent), sizes);
  unpack({received.data.data(), received.data.size()}, owned_);
  return comm::all_reduce(comm_, std::uint8_t{is_done}, comm::Reduction::min) != 0;
}

std::vector<Vocabulary> ShardedWords::finish(std::size_t sources, std::size_t top_words) {
  while (!exchange(true)) {
  }
  const auto mine = owned_.vocabularies(sources, top_words);
  owned_ = {};
  std::vector<Vocabulary> all;
  for (const auto& of_rank : comm::gather_objects(comm_, mine, 0)) {
    all.resize(of_rank.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i].merge(of_rank[i], top_words);
  }
  return all;
}

}  // namespace farpoint::jobs
