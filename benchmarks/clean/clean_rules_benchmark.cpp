// SPDX-License-Identifier: Apache-2.0
// Question: do the rules that look for patterns keep up with the others, so that all of cleaning reads 25 MB/s on one
// core? Wanted: several hundred MB/s each on ordinary text. Method: 4 MB of made-up records of 1 KB each: English
// words, Chinese characters, and log lines and tables full of numbers, drawn by counter-based random numbers; bytes of
// UTF-8 per second of CPU. The block list has 5,000 phrases of three words, drawn like the texts. `one_set` is the same
// list as one RE2::Set, for comparison, on fresh texts.
// Last result (one of two cores with 20 processes waiting for them, so rather too low): personal
// data 3500 MB/s English, 4200 Chinese, 100 numbers; URLs 1270, 8500, 1970 MB/s; advertising lines 220, 260, 220 MB/s;
// 5,000 phrases 92, 64, 123 MB/s, many of which match here; one set 8.7 and 0.9 MB/s; 180 ms to make the patterns.
#include <benchmark/benchmark.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"
#include "farpoint/clean/advertisement.hpp"
#include "farpoint/clean/pattern_set.hpp"
#include "farpoint/clean/personal_data.hpp"
#include "farpoint/clean/urls.hpp"

namespace {

using namespace farpoint::clean;

constexpr std::size_t corpus_bytes = std::size_t{1} << 22;
constexpr std::size_t record_bytes = 1000;
constexpr std::size_t phrases = 5000;

std::uint64_t below(std::uint64_t end, std::uint64_t stream, std::uint64_t counter) {
  return farpoint::random_bits(1, stream, counter) % end;
}

/// Rank r is about 1/r as frequent as the first.
std::uint64_t zipf(std::uint64_t ranks, std::uint64_t stream, std::uint64_t counter) {
  const double uniform = static_cast<double>(farpoint::random_bits(2, stream, counter) >> 11) * 0x1p-53;
  return static_cast<std::uint64_t>(std::pow(static_cast<double>(ranks), uniform)) - 1;
}

struct English {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    const std::uint64_t rank = zipf(50'000, stream, counter);
    const std::uint64_t length =
        2 + below(3, rank, 0) + static_cast<std::uint64_t>(std::log2(1.0 + static_cast<double>(rank)) / 3);
    std::string word;
    for (std::uint64_t i = 0; i < length; ++i) word += static_cast<char>('a' + below(26, rank, i + 1));
    return word + (counter % 12 == 11 ? ".\n" : " ");
  }
};

struct Chinese {
  static std::string token(std::uint64_t stream, std::uint64_t counter) {
    if (counter % 12 == 11) return counter % 48 == 47 ? "。\n" : "，";
    const auto code_point = static_cast<unsigned>(0x4e00 + zipf(4'000, stream, counter));
    return {static_cast<char>(0xe0 | code_point >> 12), static_cast<char>(0x80 | (code_point >> 6 & 0x3f)),
            static_cast<char>(0x80 | (code_point & 0x3f))};
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
std::vector<std::string> corpus() {
  std::vector<std::string> texts(corpus_bytes / record_bytes);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::uint64_t counter = 0; texts[i].size() < record_bytes; ++counter) texts[i] += Language::token(i, counter);
  }
  return texts;
}

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
  const auto texts = corpus<Language>();
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
  const auto texts = corpus<Language>();
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
