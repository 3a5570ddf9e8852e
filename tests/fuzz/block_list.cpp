// SPDX-License-Identifier: Apache-2.0
// The input is a list of phrases and regular expressions, and behind a line `----` a text that they are looked for in.
#include "farpoint/clean/pattern_set.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto path = scratch.put("list.txt", parts[0]);
  fuzz::expect_read_or_refused([&] {
    const clean::PatternSet patterns(clean::read_block_list(path));
    if (const auto found = patterns.first_match(parts.back())) {
      fuzz::require(*found < patterns.size(), "a pattern matches that there is not");
    }
  });
  return 0;
}
