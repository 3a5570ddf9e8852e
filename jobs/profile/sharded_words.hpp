// SPDX-License-Identifier: Apache-2.0
// jobs/profile/sharded_words.hpp: the words of a corpus, each counted on one rank.
#pragma once

#include <cstddef>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "word_counts.hpp"

namespace farpoint::jobs {

/// Counts words over all ranks exactly: a word belongs to the rank that its hash names. A rank counts what it reads in
/// tables of its own, one a thread, and hands them over when they have grown to `full_bytes`. So a rank holds its part
/// of the different (source, word) pairs of the corpus, about 50 bytes each, and twice that while they are summed up
/// over sources.
class ShardedWords {
 public:
  ShardedWords(comm::Communicator& comm, std::size_t threads, std::size_t full_bytes = std::size_t{64} << 20U)
      : comm_(comm), full_bytes_(full_bytes), of_threads_(threads) {}

  WordCounts& of_thread(std::size_t thread) { return of_threads_[thread]; }

  /// To be called between shards. It waits for the other ranks where the tables are full: each comes here sooner or
  /// later, with tables that are full too or in finish().
  void exchange_if_full();

  /// On rank 0 the vocabularies as WordCounts::vocabularies() has them, elsewhere nothing; then it is empty again.
  /// Collective.
  std::vector<Vocabulary> finish(std::size_t sources, std::size_t top_words);

 private:
  /// Hands all over. True when every rank said that it is done. Collective.
  bool exchange(bool is_done);

  comm::Communicator& comm_;
  std::size_t full_bytes_;
  std::vector<WordCounts> of_threads_;
  WordCounts owned_;
};

}  // namespace farpoint::jobs
