// SPDX-License-Identifier: Apache-2.0
// The input is a configuration, which is checked and planned with all jobs, as `farpoint validate` does.
#include "farpoint/pipeline/plan.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/node.hpp"
#include "farpoint/pipeline/problems.hpp"
#include "fuzz/fuzz.hpp"
#include "jobs.hpp"

using namespace farpoint;
using namespace farpoint::pipeline;

namespace {

Plan plan(std::string_view text) {
  const auto config = read_config(parse_yaml(text, "config.yaml"), "/nonexistent");
  return make_plan(config, jobs::all_jobs());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  {
    Problems problems;
    fuzz::expect_read_or_refused([&] { attempt([&] { plan(text); }); });
    to_text(problems.sorted());
  }
  fuzz::expect_read_or_refused([&] {
    const auto first = plan(text);
    fuzz::require(plan(first.resolved).resolved == first.resolved, "a resolved configuration is resolved otherwise");
  });
  return 0;
}
