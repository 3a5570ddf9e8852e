// SPDX-License-Identifier: Apache-2.0
// jobs/profile/corpus_state.hpp: what the corpus was at one point of the pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "distribution.hpp"
#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"
#include "options.hpp"
#include "sharded_words.hpp"

namespace farpoint::jobs {

struct LanguageShare {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;

  LanguageShare& operator+=(const LanguageShare& other);

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& records& bytes;
  }
};

/// Whole numbers alone: they add up exactly in any order.
struct TextCounts {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Distribution characters, words, lines, tokens;   ///< of the records
  std::map<std::string, LanguageShare> languages;  ///< by code
  LanguageShare mixed;                             ///< records with a second language

  TextCounts& operator+=(const TextCounts& other);

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& records& bytes& characters& words& lines& tokens& languages& mixed;
  }
};

/// By source, and behind them what all of them come to.
struct CorpusState {
  std::string name;
  std::vector<TextCounts> texts;
  std::vector<Vocabulary> vocabularies;  ///< empty when words are not counted
};

/// The pool's sources by name.
class SourcePlaces {
 public:
  explicit SourcePlaces(std::vector<std::string> names);
  const std::vector<std::string>& names() const { return names_; }
  /// Of each record of the shard.
  std::vector<std::uint32_t> of(const pipeline::Shard& shard) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> places_;
};

/// Counts one state of the corpus, a shard at a time.
class StateCounter {
 public:
  /// `tokenizer` may be null: then tokens are not counted.
  StateCounter(comm::Communicator& comm, const ProfileOptions& options, std::size_t sources,
               std::shared_ptr<const tokenizer::Tokenizer> tokenizer);

  /// On all threads. Now and then waits for the other ranks (ShardedWords).
  void add(const store::Strings& texts, const std::vector<std::uint32_t>& sources);

  /// Of all ranks on rank 0, elsewhere nothing. Collective. The next state begins.
  CorpusState finish(const std::string& name);

 private:
  void add(std::size_t thread, std::string_view text, std::uint32_t source);
  void add_tokens(const store::Strings& texts, const std::vector<std::uint32_t>& sources);

  comm::Communicator& comm_;
  const ProfileOptions& options_;
  std::size_t sources_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::vector<std::vector<TextCounts>> of_threads_;  ///< by source
  ShardedWords words_;
};

}  // namespace farpoint::jobs
