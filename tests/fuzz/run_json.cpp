// SPDX-License-Identifier: Apache-2.0
// The input is text that a run leaves in its folder: what a rank says of itself (status/rank-0000.json), or
// summary.json, and behind a line `----` log/times.jsonl.
#include "farpoint/pipeline/heartbeat.hpp"
#include "farpoint/pipeline/summary.hpp"
#include "farpoint/pipeline/text_sizes.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::pipeline;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] {
    if (const auto beat = beat_from_json(std::string(parts[0]))) {
      const auto again = to_json(*beat);
      fuzz::require(beat_from_json(again).has_value(), "a beat that was written cannot be read");
    }
  });
  fuzz::expect_read_or_refused([&] {
    auto summary = summary_from_json(parts[0]);
    if (parts.size() > 1) add_rank_times(parts[1], summary);
    to_json(summary);
    to_table(summary);
    rank_times_to_lines(summary);
  });
  fuzz::expect_read_or_refused([&] {
    const auto sizes = TextSizes::from_text(parts[0]);
    fuzz::require(TextSizes::from_text(sizes.to_text()) == sizes, "sizes that were written are read as others");
  });
  return 0;
}
