// SPDX-License-Identifier: Apache-2.0
// The input is an .npy file.
#include <algorithm>

#include "corpus/read_all.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/corpus/sample.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::corpus;

namespace {

template <typename Value>
void read(NpyFile& file) {
  const auto count = std::min<std::uint64_t>(file.rows(), 3);
  const auto width = std::max<std::size_t>(file.width(), 1);
  std::vector<Value> values(count * width);
  file.read(file.rows() - count, count, values);
  file.read(0, count, values);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto path = scratch.put("array", fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] {
    NpyFile file(path, Compression::none);
    fuzz::require(file.rows() == 0 || file.row_bytes() <= size, "there are more rows than bytes");
    read<float>(file);
    read<double>(file);
  });
  const InputFile file = input_file(path, Format::npy);
  fuzz::expect_read_or_refused([&] { index_of(file).fingerprint(0, 1); });
  fuzz::expect_read_or_refused([&] { sample_file(file, {}); });
  return 0;
}
