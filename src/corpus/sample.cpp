// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/sample.hpp"

#include <algorithm>
#include <cmath>

#include "byte_window.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/corpus/parquet.hpp"
#include "record_splitter.hpp"

namespace farpoint::corpus {

namespace {

constexpr std::uint64_t stretches = 8;
constexpr std::uint64_t sample_stream = 0x657374696d617465;  // "estimate": own numbers
/// Longer ones are counted, but nobody looks at their text.
constexpr std::uint64_t longest_kept = 1U << 20;

/// What was read so far.
struct Reading {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> texts;
};

/// Reads records until `bytes` more have gone by. True at the end of the file.
bool read_stretch(ByteWindow& window, RecordSplitter& splitter, std::uint64_t bytes, Reading& reading) {
  const auto begin = window.offset();
  RawRecord record;
  bool ended = false;
  while (!ended && window.offset() - begin < bytes) {
    ended = !splitter.next(record);
    if (ended) break;
    ++reading.records;
    if (!record.too_large) reading.texts.emplace_back(record.text);
  }
  reading.bytes += window.offset() - begin;
  return ended;
}

/// Behind the line that the window stands in.
void skip_line(ByteWindow& window) {
  while (true) {
    const auto end = window.bytes().find('\n');
    if (end != std::string_view::npos) return window.consume(end + 1);
    window.consume(window.bytes().size());
    if (!window.extend()) return;
  }
}

/// Every so-manieth, so that they come from all parts that were read.
std::vector<std::string> spread(std::vector<std::string> texts, std::size_t count) {
  if (texts.size() <= count) return texts;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < count; ++i) kept.push_back(std::move(texts[i * texts.size() / count]));
  return kept;
}

FileSample whole(Reading reading, std::size_t count) {
  return {reading.records, reading.bytes, true, spread(std::move(reading.texts), count)};
}

/// The whole file by the records of a part.
FileSample scaled(Reading reading, double bytes, std::size_t count) {
  const double records = bytes * static_cast<double>(reading.records) / static_cast<double>(reading.bytes);
  return {std::max<std::uint64_t>(reading.records, std::llround(records)), static_cast<std::uint64_t>(bytes), false,
          spread(std::move(reading.texts), count)};
}

FileSample sample_front(const InputFile& file, const SampleLimits& limits) {
  auto source = open_bytes(file.path, file.compression);
  const auto& opened = *source;
  ByteWindow window(std::move(source));
  const auto splitter = make_splitter(file, window, {.record_bytes = longest_kept});
  splitter->start(1);
  Reading reading;
  if (read_stretch(window, *splitter, limits.bytes, reading) || reading.bytes == 0) {
    return whole(std::move(reading), limits.records);
  }
  const auto [stored, given] = opened.progress();
  const double growth = stored == 0 ? 1 : static_cast<double>(given) / static_cast<double>(stored);
  return scaled(std::move(reading), static_cast<double>(file.bytes) * growth, limits.records);
}

FileSample sample_stretches(const InputFile& file, const SampleLimits& limits) {
  ByteWindow window(open_bytes(file.path, file.compression));
  const auto splitter = make_splitter(file, window, {.record_bytes = longest_kept});
  const auto part = file.bytes / stretches;
  const auto length = std::max<std::uint64_t>(1, limits.bytes / stretches);
  Reading reading;
  for (std::uint64_t i = 0; i < stretches; ++i) {
    const auto room = part > length ? part - length : 1;
    const auto begin = i * part + (i == 0 ? 0 : random_bits(limits.seed, sample_stream, i) % room);
    // The stretch before may have ended behind it, in a long record; files are not read backwards.
    if (i > 0 && begin < window.offset()) continue;
    window.jump(begin);
    if (i > 0) skip_line(window);
    splitter->start(1);
    read_stretch(window, *splitter, length, reading);
  }
  if (reading.bytes == 0) return {0, file.bytes, false, {}};
  return scaled(std::move(reading), static_cast<double>(file.bytes), limits.records);
}

/// The footer says how many rows there are; how much text they are, the first ones.
FileSample sample_parquet(const InputFile& file, const SampleLimits& limits) {
  ParquetFile parquet(file.path);
  FileSample sample;
  sample.records = parquet.rows();
  std::uint64_t read = 0;
  std::string_view json;
  while (sample.bytes < limits.bytes && parquet.next(json)) {
    ++read;
    sample.bytes += json.size();
    if (json.size() <= longest_kept) sample.texts.emplace_back(json);
  }
  sample.is_exact = read == sample.records;
  if (read > 0 && !sample.is_exact) {
    const double mean = static_cast<double>(sample.bytes) / static_cast<double>(read);
    sample.bytes = static_cast<std::uint64_t>(mean * static_cast<double>(sample.records));
  }
  sample.texts = spread(std::move(sample.texts), limits.records);
  return sample;
}

}  // namespace

FileSample sample_file(const InputFile& file, const SampleLimits& limits) {
  if (file.format == Format::npy) {
    const NpyFile npy(file.path, file.compression);
    return {npy.rows(), npy.rows() * npy.row_bytes(), true, {}};
  }
  if (file.format == Format::parquet) return sample_parquet(file, limits);
  const bool lines = file.format != Format::json && file.compression == Compression::none;
  // Where most of it would be read anyway, all of it is.
  if (lines && file.bytes > 2 * limits.bytes) return sample_stretches(file, limits);
  auto front = limits;
  if (file.compression == Compression::none) front.bytes = std::max(front.bytes, 2 * limits.bytes);
  return sample_front(file, front);
}

}  // namespace farpoint::corpus
