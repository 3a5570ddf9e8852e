// SPDX-License-Identifier: Apache-2.0
// Question: how fast does one core tokenise, and what does a limit of tokens save for long texts?
// Method: 1 MB of made-up texts, English words and Chinese characters, as records of 1 KB and documents of 64 KB, with
// the small tokenizers of the tests, or with the tokenizer.json that FARPOINT_TOKENIZER names; bytes of UTF-8 and
// tokens per second on one thread.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"

namespace {

using farpoint::random_bits;
using farpoint::tokenizer::Tokenizer;

constexpr std::size_t corpus_bytes = 1'000'000;

std::string word(std::uint64_t rank) {
  std::string letters;
  const std::size_t length = 2 + random_bits(1, rank, 0) % 8;
  for (std::size_t i = 0; i < length; ++i) letters += "etaoinshrdlucmfw"[random_bits(1, rank, i + 1) % 16];
  return letters;
}

std::string character(std::uint64_t rank) {
  const std::uint64_t c = 0x4e00 + rank;
  return {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)),
          static_cast<char>(0x80 | (c & 0x3f))};
}

std::vector<std::string> corpus(std::size_t text_bytes) {
  std::vector<std::string> texts(corpus_bytes / text_bytes);
  for (std::uint64_t i = 0; i < texts.size(); ++i) {
    const bool chinese = i % 4 == 3;
    for (std::uint64_t n = 0; texts[i].size() < text_bytes; ++n) {
      const std::uint64_t bits = random_bits(2, i, n);
      // The product of two draws: small ranks are frequent.
      const std::uint64_t rank = (bits & 0xff) * (bits >> 8 & 0xff) / 16;
      if (chinese) {
        texts[i] += n % 12 == 11 ? "，" : character(rank);
      } else {
        texts[i] += word(rank) + (n % 12 == 11 ? ". " : " ");
      }
    }
  }
  return texts;
}

std::string file_of(const std::string& name) {
  const char* given = std::getenv("FARPOINT_TOKENIZER");
  return given != nullptr ? given : std::string(TOKENIZER_GOLDEN_DIR) + "/" + name + "/tokenizer.json";
}

void encode(benchmark::State& state, const std::string& name, std::size_t text_bytes, std::size_t max_tokens) {
  farpoint::set_threads(1);
  const Tokenizer tokenizer(file_of(name));
  const auto texts = corpus(text_bytes);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::int64_t bytes = 0;
  std::size_t tokens = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());

  for (auto _ : state) tokens = tokenizer.encode(views, {.max_tokens = max_tokens}).ids.size();

  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["tokens/s"] =
      benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsIterationInvariantRate);
}

void load(benchmark::State& state, const std::string& name) {
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer(file_of(name)));
}

#define FARPOINT_BENCHMARK(name)                                \
  BENCHMARK_CAPTURE(encode, name##_records, #name, 1000, 0);    \
  BENCHMARK_CAPTURE(encode, name##_documents, #name, 64000, 0); \
  BENCHMARK_CAPTURE(encode, name##_documents_to_256, #name, 64000, 256);

FARPOINT_BENCHMARK(wordpiece)
FARPOINT_BENCHMARK(byte_level)
FARPOINT_BENCHMARK(llama3)
FARPOINT_BENCHMARK(llama2)
FARPOINT_BENCHMARK(unigram)
BENCHMARK_CAPTURE(load, wordpiece, "wordpiece")->Unit(benchmark::kMillisecond);

}  // namespace
