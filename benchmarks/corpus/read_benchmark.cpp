// SPDX-License-Identifier: Apache-2.0
//
// Question: how fast does one core find the records of a file (scan: places and hashes), and how fast does it hand them
// out (read), by format and by length of the records?
// Method:   64 MiB of records of the given length with two keys, random words and escapes, just written, so in the page
//           cache; bytes per second are decompressed ones. Excluded: building the index for read, parsing.
// Result:   GB/s of CPU time, one core of a busy two-core Xeon virtual machine, g++ 12 -O3:
//             record bytes     100   1,000  10,000
//             scan jsonl       3.0     4.7     5.1
//             scan array       0.8     1.7     2.0
//             read jsonl       3.8     7.2     7.9
//             read array       0.9     2.1     2.5
//           at 1,000 bytes gzip: scan 0.21, read 0.22; zstd: scan 0.54, read 0.64.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "corpus/compressed.hpp"
#include "corpus/read_all.hpp"
#include "farpoint/base/random.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

constexpr std::size_t content_bytes = 64U << 20;

/// `word` counts on through the whole file: a repeated record would be an easy prey for the compressors.
std::string record_of(std::size_t bytes, std::uint64_t& word) {
  std::string record = R"({"instruction": "Say it \"again\".", "output": ")";
  for (; record.size() + 2 < bytes; ++word) {
    record += word % 12 == 11 ? "line\\n" : std::to_string(random_bits(17, 0, word) % 10'000) + ' ';
  }
  return record + "\"}";
}

std::string content_of(Format format, std::size_t record_bytes) {
  const std::string_view separator = format == Format::json ? ",\n" : "\n";
  std::string content = format == Format::json ? "[" : "";
  std::uint64_t word = 0;
  while (content.size() < content_bytes) content.append(record_of(record_bytes, word)).append(separator);
  if (format == Format::json) content.replace(content.size() - 2, 2, "]\n");
  return content;
}

struct Sample {
  TemporaryFolder folder;
  InputFile file;
  std::size_t bytes = 0;

  Sample(Format format, Compression compression, std::size_t record_bytes) {
    const std::string content = content_of(format, record_bytes);
    bytes = content.size();
    if (compression == Compression::none) file = input_file(folder.write("a", content), format);
    if (compression == Compression::gzip) file = input_file(folder.write("a.gz", gzipped(content)), format);
    if (compression == Compression::zstd) file = input_file(folder.write("a.zst", zstandard(content)), format);
  }
};

void scan_file(benchmark::State& state, Format format, Compression compression) {
  const Sample sample(format, compression, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(scan_all(sample.file));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample.bytes));
}

void read_file(benchmark::State& state, Format format, Compression compression) {
  const Sample sample(format, compression, static_cast<std::size_t>(state.range(0)));
  const FileIndex index = index_of(sample.file);
  for (auto _ : state) {
    RecordReader reader(sample.file, index, 64U << 20);
    std::uint64_t records = 0;
    for (RawRecord record; reader.next(record);) ++records;
    if (records != index.records()) state.SkipWithError("records were lost");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample.bytes));
}

BENCHMARK_CAPTURE(scan_file, jsonl, Format::jsonl, Compression::none)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(scan_file, array, Format::json, Compression::none)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(scan_file, gzip, Format::jsonl, Compression::gzip)->Arg(1'000);
BENCHMARK_CAPTURE(scan_file, zstd, Format::jsonl, Compression::zstd)->Arg(1'000);
BENCHMARK_CAPTURE(read_file, jsonl, Format::jsonl, Compression::none)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(read_file, array, Format::json, Compression::none)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK_CAPTURE(read_file, gzip, Format::jsonl, Compression::gzip)->Arg(1'000);
BENCHMARK_CAPTURE(read_file, zstd, Format::jsonl, Compression::zstd)->Arg(1'000);

}  // namespace
}  // namespace farpoint::corpus
