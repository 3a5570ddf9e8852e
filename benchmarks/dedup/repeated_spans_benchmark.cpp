// SPDX-License-Identifier: Apache-2.0
// Question: does the search for repeated spans of 50 tokens keep up with a corpus? Wanted: 60 MB/s of text on one core
// where little is repeated, all visits together.
// Method: 32 MB of made-up English texts of 4 KB, one process; none, an eighth and half of the bytes of each are
// copies; and 10 MB of one word, where every window repeats. Finding the words, once, is measured apart. Last result
// (2026-12-01, one core of a 4th generation EPYC, nothing else running): words 724 MiB/s; nothing repeated 328 MiB/s;
// an eighth 112 MiB/s and half 64 MiB/s, where every text is read three times; one word 1.0 s.
#include <benchmark/benchmark.h>

#include "farpoint/comm/local.hpp"
#include "farpoint/dedup/repeated_spans.hpp"
#include "farpoint/text/written_words.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint;

constexpr std::size_t corpus_bytes = std::size_t{1} << 25;
constexpr std::size_t text_bytes = 4096;

void report(benchmark::State& state, const std::vector<std::string>& texts) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  state.SetBytesProcessed(state.iterations() * bytes);
}

void search(benchmark::State& state, const std::vector<std::string>& texts) {
  const auto alone = comm::make_local();
  const auto visit = [&](const auto& use) {
    for (std::size_t i = 0; i < texts.size(); ++i) use(i, 0, texts[i]);
  };
  std::size_t spans = 0;
  for (auto _ : state) spans = dedup::repeated_spans(*alone, visit, {}).spans.size();
  state.counters["spans"] = static_cast<double>(spans);
  report(state, texts);
}

void words(benchmark::State& state) {
  const auto texts = benchmarks::texts<benchmarks::English>(corpus_bytes, text_bytes);
  std::vector<text::WrittenWord> found;
  for (auto _ : state) {
    for (const std::string& text : texts) {
      found.clear();
      text::append_written_words(text, found);
    }
    benchmark::DoNotOptimize(found.data());
  }
  report(state, texts);
}

void spans(benchmark::State& state) {
  search(state,
         benchmarks::texts<benchmarks::English>(corpus_bytes, text_bytes, static_cast<std::size_t>(state.range(0))));
}

void spans_of_one_word(benchmark::State& state) {
  std::string text;
  while (text.size() < 10'000'000) text += "a ";
  search(state, {text});
}

BENCHMARK(words)->Unit(benchmark::kMillisecond);
BENCHMARK(spans)->Arg(0)->Arg(text_bytes / 8)->Arg(text_bytes / 2)->Unit(benchmark::kMillisecond);
BENCHMARK(spans_of_one_word)->Unit(benchmark::kMillisecond);

}  // namespace
