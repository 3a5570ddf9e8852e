// SPDX-License-Identifier: Apache-2.0
// Question: do near duplicates keep up with a corpus? Wanted on one core: 150 MB/s of text for shingles, 250 MB/s for
// 128 permutations of MinHash with AVX-512, and more than 100 MB/s for adding records to NearDuplicates. Method:
// made-up texts of 1 KB (records) or 64 KB (documents), with words and characters drawn by Zipf's law; a tenth of the
// records of the whole is near another one. Bytes of UTF-8 per second of CPU. Last result:
// docs/performance.md.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/dedup/minhash.hpp"
#include "farpoint/dedup/near.hpp"
#include "farpoint/dedup/shingles.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint::dedup;
using farpoint::Instructions;
using farpoint::benchmarks::Chinese;
using farpoint::benchmarks::English;

constexpr std::size_t corpus_bytes = std::size_t{1} << 22;
constexpr std::size_t record_bytes = 1000;
constexpr std::size_t document_bytes = 64'000;

template <typename Language>
std::vector<std::string> corpus(std::size_t bytes, std::size_t text_bytes) {
  std::vector<std::string> texts(bytes / text_bytes);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i % 10 == 9) texts[i] = texts[i - 1].substr(text_bytes / 16);  // near the one before
    for (std::uint64_t counter = 0; texts[i].size() < text_bytes; ++counter) texts[i] += Language::token(i, counter);
  }
  return texts;
}

void report_bytes(benchmark::State& state, const std::vector<std::string>& texts) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  state.SetBytesProcessed(state.iterations() * bytes);
}

template <typename Language>
void shingle(benchmark::State& state) {
  const auto texts = corpus<Language>(corpus_bytes, static_cast<std::size_t>(state.range(0)));
  const Shingler shingler(5);
  std::vector<std::uint64_t> shingles;
  for (auto _ : state) {
    for (const std::string& text : texts) {
      shingler.shingle_places(text, shingles);
      benchmark::DoNotOptimize(shingles.data());
    }
  }
  report_bytes(state, texts);
}

void shingle_sets(benchmark::State& state) {
  const auto texts = corpus<English>(corpus_bytes, static_cast<std::size_t>(state.range(0)));
  const Shingler shingler(5);
  std::vector<std::uint64_t> shingles;
  for (auto _ : state) {
    for (const std::string& text : texts) {
      shingler.shingle(text, shingles);
      benchmark::DoNotOptimize(shingles.data());
    }
  }
  report_bytes(state, texts);
}

/// 128 permutations of shingles that are there; bytes are those of their texts.
template <Instructions kind>
void minhash(benchmark::State& state) {
  if (kind > farpoint::best_instructions()) {
    state.SkipWithError("this processor lacks the instructions");
    return;
  }
  const auto texts = corpus<English>(corpus_bytes, static_cast<std::size_t>(state.range(0)));
  const Shingler shingler(5);
  const MinHash minhash({16, 8}, kind);
  std::vector<std::vector<std::uint64_t>> shingles(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) shingler.shingle_places(texts[i], shingles[i]);
  std::vector<std::uint64_t> bands(16);
  for (auto _ : state) {
    for (const auto& places : shingles) {
      minhash.bands(places, bands);
      benchmark::DoNotOptimize(bands.data());
    }
  }
  report_bytes(state, texts);
}

void compare(benchmark::State& state) {
  const auto texts = corpus<English>(10 * record_bytes, record_bytes);
  std::vector<std::uint64_t> a, b;
  Shingler(5).shingle(texts[8], a);
  Shingler(5).shingle(texts[9], b);
  for (auto _ : state) benchmark::DoNotOptimize(jaccard(a, b));
}

class Texts final : public TextSource {
 public:
  explicit Texts(const std::vector<std::string>& texts) : texts_(texts) {}
  void visit(std::span<const std::uint64_t> ids, const Visit& visit) override {
    for (std::size_t i = 0; i < ids.size(); ++i) visit(i, texts_[ids[i]]);
  }

 private:
  const std::vector<std::string>& texts_;
};

/// Adding and finding, on one thread and one rank, with the scratch files on the disk of the temporary folder.
void near_duplicates(benchmark::State& state) {
  farpoint::set_threads(1);
  const auto texts = corpus<English>(static_cast<std::size_t>(state.range(0)) << 20, record_bytes);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<std::uint64_t> ids(texts.size());
  std::iota(ids.begin(), ids.end(), std::uint64_t{0});
  const std::vector<std::uint8_t> active(texts.size(), 1);
  const auto comm = farpoint::comm::make_local();
  Texts source(texts);
  for (auto _ : state) {
    NearDuplicates near(*comm, {}, std::filesystem::temp_directory_path());
    near.add(ids, views);
    Components components(*comm, ids.size());
    const NearResult result = near.find(source, components, active);
    state.counters["joined"] = static_cast<double>(result.joined);
  }
  report_bytes(state, texts);
}

BENCHMARK(shingle<English>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(shingle<Chinese>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(shingle_sets)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(minhash<Instructions::portable>)->Arg(record_bytes);
BENCHMARK(minhash<Instructions::avx2>)->Arg(record_bytes);
BENCHMARK(minhash<Instructions::avx512>)->Arg(record_bytes)->Arg(document_bytes);
BENCHMARK(compare);
BENCHMARK(near_duplicates)->Arg(16)->Arg(128)->Unit(benchmark::kMillisecond);

}  // namespace
