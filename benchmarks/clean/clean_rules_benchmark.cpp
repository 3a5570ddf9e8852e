// SPDX-License-Identifier: Apache-2.0
// Question: do the rules that look for patterns keep up with the others, so that all of cleaning reads 25 MB/s on one
// core? Wanted: several hundred MB/s each on ordinary text. Method: 4 MB of made-up records of 1 KB each: English
// words, Chinese characters, and log lines and tables full of numbers, drawn by counter-based random numbers; bytes of
// UTF-8 per second of CPU. The block list has 5,000 phrases of three words, drawn like the texts. `one_set` is the same
// list as one RE2::Set, for comparison, on fresh texts.
// Last result (2026-12-01, one core of a 4th generation EPYC, nothing else running): personal data 9,970 MiB/s English,
// 10,800 Chinese, 186 numbers; URLs 2,500, 23,000, 4,460 MiB/s; advertising lines 425, 506, 427 MiB/s; 5,000 phrases
// 242, 186, 291 MiB/s, many of which match here; one set 31 and 1.8 MiB/s; 70 ms to make the patterns.
#include <benchmark/benchmark.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/clean/advertisement.hpp"
#include "farpoint/clean/pattern_set.hpp"
#include "farpoint/clean/personal_data.hpp"
#include "farpoint/clean/urls.hpp"
#include "generated_texts.hpp"

namespace {

using namespace farpoint;
using namespace farpoint::clean;
using benchmarks::below;
using benchmarks::chinese_characters;
using benchmarks::english_words;
using benchmarks::ideograph;
using benchmarks::word;
using benchmarks::zipf;

constexpr std::size_t corpus_bytes = std::size_t{1} << 22;
constexpr std::size_t record_bytes = 1000;
constexpr std::size_t phrases = 5000;

struct English {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    return word(zipf(english_words, stream, counter)) + (counter % 12 == 11 ? ".\n" : " ");
  }
};

struct Chinese {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    if (counter % 12 == 11) return counter % 48 == 47 ? "。\n" : "，";
    return ideograph(zipf(chinese_characters, stream, counter));
  }
};

struct Numbers {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    static constexpr std::array separators{" ", ", ", ".", "-", ":", " = ", "\n", "/", " at ", " [info] "};
    std::string digits =
        std::to_string(below(std::uint64_t{1} << (4 * (1 + below(9, stream, 3 * counter))), stream, 3 * counter + 1));
    return digits + separators[below(separators.size(), stream, 3 * counter + 2)];
  }
};

template <typename Language>
std::vector<Pattern> block_list() {
  std::vector<Pattern> patterns;
  for (std::uint64_t i = 0; i < phrases; ++i) {
    const std::string phrase =
        Language::token(i, 1'000'001) + Language::token(i, 1'000'002) + Language::token(i, 1'000'003);
    patterns.push_back({"(?i)" + re2::RE2::QuoteMeta(phrase), "made up"});
  }
  return patterns;
}

/// Runs rule(text) over all texts.
template <typename Language, typename Rule>
void measure(benchmark::State& state, Rule&& rule) {
  const auto texts = benchmarks::texts<Language>(corpus_bytes, record_bytes);
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  for (auto _ : state) {
    for (const std::string& text : texts) benchmark::DoNotOptimize(rule(text));
  }
  state.SetBytesProcessed(state.iterations() * bytes);
}

template <typename Language>
void personal_data(benchmark::State& state) {
  constexpr std::array kinds{PersonalData::email, PersonalData::phone, PersonalData::ip,
                             PersonalData::id,    PersonalData::card,  PersonalData::iban};
  const PersonalDataMask mask(kinds);
  std::string out;
  PersonalDataCounts counts{};
  measure<Language>(state, [&](const std::string& text) { return mask.apply(text, out, counts); });
}

template <typename Language>
void urls(benchmark::State& state) {
  measure<Language>(state, [](const std::string& text) { return url_characters(text); });
}

template <typename Language>
void advertisements(benchmark::State& state) {
  measure<Language>(state, [](const std::string& text) { return advertisement_lines(text).matching; });
}

template <typename Language>
void patterns(benchmark::State& state) {
  const PatternSet set(block_list<Language>());
  measure<Language>(state, [&](const std::string& text) { return set.first_match(text).has_value(); });
}

/// A new set each time, as texts seen once are what it has to read.
template <typename Language>
void one_set(benchmark::State& state) {
  const auto texts = benchmarks::texts<Language>(corpus_bytes, record_bytes);
  const auto list = block_list<Language>();
  std::int64_t bytes = 0;
  for (const std::string& text : texts) bytes += static_cast<std::int64_t>(text.size());
  for (auto _ : state) {
    state.PauseTiming();
    re2::RE2::Options options;
    options.set_max_mem(std::int64_t{256} << 20);
    re2::RE2::Set set(options, re2::RE2::UNANCHORED);
    for (const Pattern& pattern : list) set.Add(pattern.expression, nullptr);
    set.Compile();
    state.ResumeTiming();
    std::vector<int> matching;
    for (const std::string& text : texts) benchmark::DoNotOptimize(set.Match(text, &matching));
  }
  state.SetBytesProcessed(state.iterations() * bytes);
}

void make_patterns(benchmark::State& state) {
  const auto list = block_list<English>();
  for (auto _ : state) benchmark::DoNotOptimize(PatternSet(list));
}

BENCHMARK(personal_data<English>);
BENCHMARK(personal_data<Chinese>);
BENCHMARK(personal_data<Numbers>);
BENCHMARK(urls<English>);
BENCHMARK(urls<Chinese>);
BENCHMARK(urls<Numbers>);
BENCHMARK(advertisements<English>);
BENCHMARK(advertisements<Chinese>);
BENCHMARK(advertisements<Numbers>);
BENCHMARK(patterns<English>);
BENCHMARK(patterns<Chinese>);
BENCHMARK(patterns<Numbers>);
BENCHMARK(one_set<English>)->Iterations(2);
BENCHMARK(one_set<Chinese>)->Iterations(2);
BENCHMARK(make_patterns)->Unit(benchmark::kMillisecond);

}  // namespace
