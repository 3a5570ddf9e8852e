// SPDX-License-Identifier: Apache-2.0
// Question: can one core parse records faster than a corpus arrives? Wanted: 500 MB/s for Alpaca records of 1 KB, so
// that reading, parsing, and what ingest does besides stay above 150 MB/s.
// Method: 1,000 records made up in memory, parsed again and again; bytes of JSON per second. Reading files is excluded.
// Last result (2026-12-01, one core of a 4th generation EPYC, nothing else running): Alpaca 1,220 MiB/s, in place or
// copied; conversations with tool calls 488; full view 13.8 GiB/s; writing as messages 468 MiB/s.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/corpus/record.hpp"

namespace {

using namespace farpoint::corpus;

constexpr std::size_t record_count = 1000;
constexpr std::size_t readable_behind = 64;

/// Words with an escape now and then, as instruction data has them.
std::string words(std::size_t bytes, std::size_t seed) {
  static const std::vector<std::string> vocabulary = {"the ",         "mixture ", "of ",  "flour\\n",
                                                      "\\\"and\\\" ", "eggs, ",   "café "};
  std::string text;
  for (std::size_t i = seed; text.size() < bytes; i = i * 31 + 7) text += vocabulary[i % vocabulary.size()];
  return text;
}

std::string alpaca(std::size_t i) {
  return fmt::format(R"({{"instruction": "{}", "input": "{}", "output": "{}"}})", words(150, i), words(50, i + 1),
                     words(750, i + 2));
}

std::string tool_chat(std::size_t i) {
  return fmt::format(
      R"({{"conversations": [{{"from": "human", "value": "{}"}}, )"
      R"({{"from": "function_call", "value": "{{\"name\": \"search\", \"arguments\": {{\"query\": \"eggs\"}}}}"}}, )"
      R"({{"from": "observation", "value": "{}"}}, {{"from": "gpt", "value": "{}"}}]}})",
      words(200, i), words(200, i + 1), words(400, i + 2));
}

struct Records {
  std::vector<std::string> texts;  ///< each with room behind it
  std::vector<std::size_t> sizes;
  std::int64_t bytes = 0;

  explicit Records(std::string (*make)(std::size_t)) {
    for (std::size_t i = 0; i < record_count; ++i) {
      texts.push_back(make(i));
      sizes.push_back(texts.back().size());
      bytes += static_cast<std::int64_t>(sizes.back());
      texts.back().append(readable_behind, ' ');
    }
  }
  std::string_view text(std::size_t i) const { return {texts[i].data(), sizes[i]}; }
};

void parse(benchmark::State& state, std::string (*make)(std::size_t), std::size_t readable) {
  const Records records(make);
  RecordParser parser;
  for (auto _ : state) {
    for (std::size_t i = 0; i < record_count; ++i) {
      const std::string_view json = records.text(i);
      auto result = parser.parse(json, {}, json.size() + readable);
      if (std::holds_alternative<Fault>(result)) return state.SkipWithError("a record is faulty");
      benchmark::DoNotOptimize(result);
    }
  }
  state.SetBytesProcessed(state.iterations() * records.bytes);
}

void full_view(benchmark::State& state) {
  const Records records(alpaca);
  std::vector<Record> parsed;
  RecordParser parser;
  for (std::size_t i = 0; i < record_count; ++i) parsed.push_back(std::get<Record>(parser.parse(records.text(i))));
  for (auto _ : state) {
    for (const Record& record : parsed) benchmark::DoNotOptimize(view(record, TextView::full));
  }
  state.SetBytesProcessed(state.iterations() * records.bytes);
}

void write_messages(benchmark::State& state) {
  const Records records(alpaca);
  RecordParser parser;
  const Record record = std::get<Record>(parser.parse(records.text(0)));
  for (auto _ : state) benchmark::DoNotOptimize(convert(record, records.text(0), ExportFormat::messages));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(records.text(0).size()));
}

BENCHMARK_CAPTURE(parse, alpaca_in_place, alpaca, readable_behind);
BENCHMARK_CAPTURE(parse, alpaca_copied, alpaca, 0);
BENCHMARK_CAPTURE(parse, tool_chat_in_place, tool_chat, readable_behind);
BENCHMARK(full_view);
BENCHMARK(write_messages);

}  // namespace
