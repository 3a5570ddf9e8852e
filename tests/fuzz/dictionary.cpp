// SPDX-License-Identifier: Apache-2.0
// The input is a Hunspell dictionary in parts: its affixes, its words, and a text to be checked.
#include "farpoint/clean/spelling.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  scratch.put("xx.aff", parts[0]);
  scratch.put("xx.dic", parts.size() > 1 ? parts[1] : "0");
  fuzz::expect_read_or_refused([&] {
    const std::vector<std::string> languages{"xx"};
    const clean::Spelling spelling(languages, scratch.path());
    const auto share = spelling.unknown_share(parts.back());
    fuzz::require(!(share < 0 || share > 1), "a share is not between 0 and 1");
  });
  return 0;
}
