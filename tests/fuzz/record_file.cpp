// SPDX-License-Identifier: Apache-2.0
// The input is a file of records. Its first byte says the format, the limit of records and how the file is cut.
#include <algorithm>
#include <optional>

#include "corpus/read_all.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/sample.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::corpus;

namespace {

/// Formats and packings by the first byte.
InputFile input(const std::filesystem::path& path, unsigned choice) {
  constexpr Format formats[] = {Format::jsonl, Format::json, Format::txt};
  constexpr Compression packings[] = {Compression::none, Compression::gzip, Compression::zstd};
  return {.path = path,
          .format = formats[choice % 3],
          .compression = packings[choice / 3 % 3],
          .bytes = std::filesystem::file_size(path)};
}

void read(const InputFile& file, std::uint64_t limit) {
  const auto index = index_of(file);
  RecordReader reader(file, index, limit);
  const auto records = read_rest(reader);
  fuzz::require(index.records() == records.size(), "records were found that are not read");
  const auto cut = index_of(file, 7);
  fuzz::require(cut.records() == index.records() && cut.bytes() == index.bytes(), "how a file is cut changes it");
  index.fingerprint(0, index.records());
  if (records.empty()) return;
  // From the middle of a cut file on, there are the same records.
  RecordReader other(file, cut, limit);
  const auto middle = records.size() / 2;
  other.seek(middle);
  const auto rest = read_rest(other);
  fuzz::require(
      std::equal(rest.begin(), rest.end(), records.begin() + static_cast<std::ptrdiff_t>(middle), records.end()),
      "records read from the middle are others");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const fuzz::Scratch scratch;
  const auto file = input(scratch.put("records", fuzz::text_of(data + 1, size - 1)), data[0]);
  fuzz::expect_read_or_refused([&] { read(file, data[0] / 9 % 2 == 0 ? no_limit : 40); });
  fuzz::expect_read_or_refused([&] { sample_file(file, {.bytes = 64, .records = 4, .seed = 1}); });
  return 0;
}
