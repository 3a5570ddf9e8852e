// SPDX-License-Identifier: Apache-2.0
// Question: do the rules for quality, repetition and language keep up with a corpus? Wanted on one core: statistics at
// 300 MB/s, lines and the top 2-gram at 100 MB/s, and a language that does not cost more than these.
// Method: 4 MB of made-up texts per language, of 1 KB (records) or 64 KB (documents): English words and Chinese
// characters drawn by Zipf's law, with punctuation, and lines of 100 words; bytes of UTF-8 per second of CPU. Half of
// the made-up English words are function words, by which the way around CLD2 knows English; the others are rubbish to
// it.
// Last result (2026-12-01, one core of a 4th generation EPYC, nothing else running), English and Chinese records of 1
// KB: statistics 438 and 927 MiB/s; lines and the top 2-gram 243 and 217; all 13 shares of repetition 61 and 45;
// language 253 and 365, and 30 for other languages, which CLD2 reads whole; 1,200 to 19,000 for documents of 64 KB, of
// which windows are read.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/clean/language.hpp"
#include "farpoint/clean/repetition.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint::clean;
using farpoint::benchmarks::below;
using farpoint::benchmarks::chinese_characters;
using farpoint::benchmarks::english_words;
using farpoint::benchmarks::ideograph;
using farpoint::benchmarks::zipf;

constexpr std::size_t corpus_bytes = std::size_t{1} << 22;
constexpr std::size_t record_bytes = 1000;
constexpr std::size_t document_bytes = 64'000;

std::string_view mark(std::uint64_t counter, std::string_view comma, std::string_view stop,
                      std::string_view otherwise) {
  if (counter % 100 == 99) return "\n";
  if (counter % 12 == 11) return stop;
  return counter % 7 == 6 ? comma : otherwise;
}

struct English {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    constexpr std::array<std::string_view, 24> function_words = {
        "the",  "of", "and", "to", "a",  "in", "that", "is", "was",  "he",  "for", "it",
        "with", "as", "his", "on", "be", "at", "by",   "I",  "this", "had", "not", "are"};
    const std::size_t rank = zipf(counter % 3 == 0 ? function_words.size() : english_words, stream, counter);
    std::string word;
    if (rank < function_words.size()) {
      word = function_words[rank];
    } else {
      const std::size_t length =
          3 + below(4, rank, 0) + static_cast<std::size_t>(std::log2(static_cast<double>(rank)) / 3);
      for (std::size_t i = 0; i < length; ++i) word += static_cast<char>('a' + below(26, rank, i + 1));
    }
    return word.append(mark(counter, ", ", ". ", " "));
  }
};

struct Chinese {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    return ideograph(zipf(chinese_characters, stream, counter)).append(mark(counter, "，", "。", ""));
  }
};

template <typename Text>
std::vector<std::string> corpus(std::size_t text_bytes) {
  return farpoint::benchmarks::texts<Text>(corpus_bytes, text_bytes);
}

template <typename Text, typename Rule>
void measure(benchmark::State& state, Rule&& rule) {
  const auto texts = corpus<Text>(static_cast<std::size_t>(state.range(0)));
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  for (auto _ : state) {
    for (const std::string& text : texts) benchmark::DoNotOptimize(rule(text));
  }
  state.SetBytesProcessed(state.iterations() * bytes);
}

template <typename Text>
void statistics(benchmark::State& state) {
  measure<Text>(state, [](const std::string& text) { return text_statistics(text); });
}

template <typename Text>
void lines_and_top_2gram(benchmark::State& state) {
  measure<Text>(state, [](const std::string& text) { return repetition(text, {true, false, 1U << 2U, 0}); });
}

template <typename Text>
void all_repetition(benchmark::State& state) {
  measure<Text>(state, [](const std::string& text) { return repetition(text, RepetitionParts::all()); });
}

template <typename Text>
void language(benchmark::State& state) {
  measure<Text>(state, [](const std::string& text) { return detect_language(text); });
}

/// Neither Chinese nor plainly English: CLD2 reads it.
struct Other {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    constexpr std::array<std::string_view, 12> words = {"der",  "und", "nicht",    "Wasser", "steigen", "haben",
                                                        "eine", "auf", "Menschen", "früher", "hoch",    "wann"};
    return std::string(words[below(words.size(), stream, counter)]).append(mark(counter, ", ", ". ", " "));
  }
};

BENCHMARK(statistics<English>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(statistics<Chinese>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(lines_and_top_2gram<English>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(lines_and_top_2gram<Chinese>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(all_repetition<English>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(all_repetition<Chinese>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(language<English>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(language<Chinese>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(language<Other>)->Arg(record_bytes)->Arg(document_bytes);

}  // namespace
