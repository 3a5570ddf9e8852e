// SPDX-License-Identifier: Apache-2.0
// The input is a run's folder as `farpoint status` reads it, in parts: beats of two ranks, a log, summary.json.
#include <array>

#include "farpoint/pipeline/run_status.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::pipeline;

namespace {

constexpr std::array names{"status/rank-0000.json", "status/rank-0001.json", "log/rank-0000.log", "summary.json"};
constexpr double now = 1.8e9;

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < parts.size()) {
      scratch.put(names[i], parts[i]);
    } else {
      scratch.remove(names[i]);
    }
  }
  scratch.put("config.yaml", "");
  scratch.put("stages/00-ingest/shard-00000.h5", "");
  fuzz::expect_read_or_refused([] {
    const auto status = read_status(scratch.path(), now);
    to_text(status, now);
    to_json(status);
  });
  return 0;
}
