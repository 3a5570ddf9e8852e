// SPDX-License-Identifier: Apache-2.0
#include "corpus_state.hpp"

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "farpoint/base/parallel.hpp"
#include "farpoint/clean/language.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/text/folded_words.hpp"

namespace farpoint::jobs {

namespace {

/// Texts that a thread takes at a time.
constexpr std::size_t block_texts = 16;
/// Texts that are tokenised at a time: their ids take about as much memory as they do.
constexpr std::size_t token_bytes = std::size_t{8} << 20U;

}  // namespace

LanguageShare& LanguageShare::operator+=(const LanguageShare& other) {
  records += other.records;
  bytes += other.bytes;
  return *this;
}

TextCounts& TextCounts::operator+=(const TextCounts& other) {
  records += other.records;
  bytes += other.bytes;
  characters += other.characters;
  words += other.words;
  lines += other.lines;
  tokens += other.tokens;
  for (const auto& [code, share] : other.languages) languages[code] += share;
  mixed += other.mixed;
  return *this;
}

SourcePlaces::SourcePlaces(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::size_t i = 0; i < names_.size(); ++i) places_[names_[i]] = static_cast<std::uint32_t>(i);
}

std::vector<std::uint32_t> SourcePlaces::of(const pipeline::Shard& shard) const {
  const auto names = shard.source_names();
  std::vector<std::uint32_t> places;
  places.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    // Neighbours mostly are of one source.
    const bool as_before = i > 0 && names[i] == names[i - 1];
    places.push_back(as_before ? places.back() : places_.at(std::string(names[i])));
  }
  return places;
}

StateCounter::StateCounter(comm::Communicator& comm, const ProfileOptions& options, std::size_t sources,
                           std::shared_ptr<const tokenizer::Tokenizer> tokenizer)
    : comm_(comm),
      options_(options),
      sources_(sources),
      tokenizer_(std::move(tokenizer)),
      of_threads_(thread_count(), std::vector<TextCounts>(sources)),
      words_(comm, thread_count()) {}

void StateCounter::add(const store::Strings& texts, const std::vector<std::uint32_t>& sources) {
  parallel_for(texts.size(), block_texts, [&](std::size_t thread, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) add(thread, texts[i], sources[i]);
  });
  if (tokenizer_) add_tokens(texts, sources);
  if (options_.vocabulary) words_.exchange_if_full();
}

void StateCounter::add(std::size_t thread, std::string_view text, std::uint32_t source) {
  auto& counts = of_threads_[thread][source];
  const auto statistics = clean::text_statistics(text);
  ++counts.records;
  counts.bytes += text.size();
  counts.characters.add(statistics.characters);
  counts.words.add(statistics.words);
  counts.lines.add(statistics.lines);
  if (options_.languages) {
    const auto language = clean::detect_language(text);
    counts.languages[language.code] += {1, text.size()};
    if (!language.second.empty()) counts.mixed += {1, text.size()};
  }
  if (!options_.vocabulary) return;
  auto& words = words_.of_thread(thread);
  text::for_each_folded_word(text, [&](std::string_view word) { words.add(source, word); });
}

void StateCounter::add_tokens(const store::Strings& texts, const std::vector<std::uint32_t>& sources) {
  std::vector<std::string_view> block;
  for (std::size_t begin = 0; begin < texts.size(); begin += block.size()) {
    block.clear();
    std::size_t bytes = 0;
    for (std::size_t i = begin; i < texts.size() && bytes < token_bytes; ++i) {
      block.push_back(texts[i]);
      bytes += texts[i].size();
    }
    const auto tokens = tokenizer_->encode(block, {.special_tokens = false});
    for (std::size_t i = 0; i < block.size(); ++i) of_threads_[0][sources[begin + i]].tokens.add(tokens[i].size());
  }
}

CorpusState StateCounter::finish(const std::string& name) {
  auto mine = std::move(of_threads_[0]);
  for (std::size_t thread = 1; thread < of_threads_.size(); ++thread) {
    for (std::size_t source = 0; source < sources_; ++source) mine[source] += of_threads_[thread][source];
  }
  of_threads_.assign(of_threads_.size(), std::vector<TextCounts>(sources_));
  CorpusState state{name, {}, {}};
  for (const auto& of_rank : comm::gather_objects(comm_, mine, 0)) {
    state.texts.resize(sources_ + 1);
    for (std::size_t source = 0; source < sources_; ++source) {
      state.texts[source] += of_rank[source];
      state.texts[sources_] += of_rank[source];
    }
  }
  if (options_.vocabulary) state.vocabularies = words_.finish(sources_, options_.top_words);
  return state;
}

}  // namespace farpoint::jobs
