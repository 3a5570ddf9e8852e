// SPDX-License-Identifier: Apache-2.0
// The input is a shard file of a run.
#include "farpoint/store/shard_file.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::store;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto path = scratch.put("shard.h5", fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] { intact_shard(path); });
  fuzz::expect_read_or_refused([&] {
    const ShardFile shard(path);
    for (const auto& info : shard.columns()) {
      fuzz::expect_read_or_refused([&] {
        shard.offset_of(info.name);
        fuzz::require(shard.read(info.name).rows() == info.rows, "a column has other rows than it says");
      });
    }
  });
  return 0;
}
