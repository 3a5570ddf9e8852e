// SPDX-License-Identifier: Apache-2.0
// Question: what do sentences, coherence and spelling cost? Wanted: several hundred MB/s for sentences; the other two
// are bound by what they stand on, the embedding of each sentence (embed_benchmark) and Hunspell for each new word.
// Method: 4 MB of made-up English texts of 2 KB, words by Zipf's law from a vocabulary that half a dictionary knows;
// bytes per second of CPU.
// Last result (2026-12-01, one core of a 4th generation EPYC, nothing else running): sentences 797 MiB/s, coherence 72,
// spelling 158.
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"
#include "farpoint/clean/coherence.hpp"
#include "farpoint/clean/sentences.hpp"
#include "farpoint/clean/spelling.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint;

constexpr std::size_t vocabulary = 50'000;

std::string word(std::size_t rank) {
  std::string letters;
  const std::size_t length = 2 + rank % 3 + static_cast<std::size_t>(std::log2(1.0 + static_cast<double>(rank)) / 3);
  for (std::size_t i = 0; i < length; ++i) letters += static_cast<char>('a' + random_bits(3, rank, i) % 26);
  return letters;
}

const std::vector<std::string>& texts() {
  static const auto all = [] {
    std::vector<std::string> texts(2000);
    for (std::uint64_t i = 0; i < texts.size(); ++i) {
      for (std::uint64_t k = 0; texts[i].size() < 2000; ++k)
        texts[i] += word(benchmarks::zipf(vocabulary, i, k)) + (k % 15 == 14 ? ". So " : " ");
    }
    return texts;
  }();
  return all;
}

template <typename Measure>
void measure(benchmark::State& state, Measure&& value_of) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts()) bytes += static_cast<std::int64_t>(text.size());
  for (auto _ : state) {
    for (const std::string& text : texts()) benchmark::DoNotOptimize(value_of(text));
  }
  state.SetBytesProcessed(state.iterations() * bytes);
}

void cut_sentences(benchmark::State& state) {
  measure(state, [](const std::string& text) { return clean::sentences(text).size(); });
}

void coherence(benchmark::State& state) {
  const clean::Coherence coherence({});
  measure(state, coherence);
}

void spelling(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "farpoint-spelling-benchmark";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "en.aff") << "SET UTF-8\n";
  {
    std::ofstream words(folder / "en.dic");
    words << vocabulary / 2 << '\n';
    for (std::size_t rank = 0; rank < vocabulary; rank += 2) words << word(rank) << '\n';
  }
  const clean::Spelling spelling(std::vector<std::string>{"en"}, folder);
  std::filesystem::remove_all(folder);
  measure(state, [&](const std::string& text) { return spelling.unknown_share(text); });
}

BENCHMARK(cut_sentences);
BENCHMARK(coherence);
BENCHMARK(spelling);

}  // namespace
