// SPDX-License-Identifier: Apache-2.0
// Question: is looking for evaluation n-grams quick enough to go over a whole corpus? Wanted: 150 MB/s of text on one
// core.
// Method: 16 MB of made-up English texts of 4 KB against 1,000 and 10,000 items of 600 bytes (85,000 and 852,000
// n-grams) that they have nothing to do with; and with every second item short, of 8 to 12 words, so that there are
// n-grams of six lengths. Folding into words alone is measured apart.
// Last result (2026-12-01, one core of a 4th generation EPYC, nothing else running): words 747 MiB/s; 504 and 424 MiB/s
// against items of one length, 283 and 202 MiB/s with short ones.
#include <benchmark/benchmark.h>

#include "farpoint/dedup/contamination.hpp"
#include "farpoint/text/folded_words.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint;

constexpr std::size_t corpus_bytes = std::size_t{1} << 24;
constexpr std::size_t text_bytes = 4096;
constexpr std::size_t item_bytes = 600;

void report(benchmark::State& state, const std::vector<std::string>& texts) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  state.SetBytesProcessed(state.iterations() * bytes);
}

/// Streams of words that the texts do not use.
constexpr std::uint64_t items_from = 1'000'000;

dedup::EvaluationNgrams ngrams(std::size_t items, bool with_short_ones) {
  dedup::EvaluationNgrams ngrams({});
  for (std::size_t item = 0; item < items; ++item) {
    std::string text;
    const bool is_short = with_short_ones && item % 2 == 0;
    for (std::uint64_t i = 0; is_short ? i < 8 + item / 2 % 5 : text.size() < item_bytes; ++i) {
      text += benchmarks::English::token(items_from + item, i);
    }
    ngrams.add(text, static_cast<std::uint32_t>(item));
  }
  ngrams.finish();
  return ngrams;
}

void words(benchmark::State& state) {
  const auto texts = benchmarks::texts<benchmarks::English>(corpus_bytes, text_bytes);
  std::vector<std::uint64_t> hashes;
  for (auto _ : state) {
    for (const std::string& text : texts) {
      hashes.clear();
      text::append_folded_words(text, hashes);
    }
    benchmark::DoNotOptimize(hashes.data());
  }
  report(state, texts);
}

void overlap(benchmark::State& state) {
  const auto items = ngrams(static_cast<std::size_t>(state.range(0)), state.range(1) != 0);
  const auto texts = benchmarks::texts<benchmarks::English>(corpus_bytes, text_bytes);
  std::uint64_t covered = 0;
  for (auto _ : state) {
    for (const std::string& text : texts) covered += items.overlap(text).covered;
  }
  benchmark::DoNotOptimize(covered);
  state.counters["n-grams"] = static_cast<double>(items.ngrams());
  report(state, texts);
}

BENCHMARK(words)->Unit(benchmark::kMillisecond);
BENCHMARK(overlap)->ArgsProduct({{1000, 10'000}, {0, 1}})->Unit(benchmark::kMillisecond);

}  // namespace
