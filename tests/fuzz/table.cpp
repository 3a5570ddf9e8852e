// SPDX-License-Identifier: Apache-2.0
// The input is an HDF5 file, such as subset.h5, that anybody may have written.
#include "farpoint/store/table_file.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::store;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto path = scratch.put("table.h5", fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] {
    const TableFile table(path);
    fuzz::expect_read_or_refused([&] { table.attributes(); });
    for (const auto& info : table.columns()) {
      fuzz::expect_read_or_refused([&] {
        const auto block = table.read(info.name, 0, 5);
        fuzz::require(block.rows() == std::min<std::uint64_t>(info.rows, 5),
                      "a block has other rows than were asked for");
        table.read(info.name, info.rows / 2, 1);
      });
    }
  });
  return 0;
}
