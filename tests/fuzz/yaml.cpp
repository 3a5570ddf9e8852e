// SPDX-License-Identifier: Apache-2.0
// The input is a configuration's text, or behind a line `----` the text that --set gives a value.
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/node.hpp"
#include "farpoint/pipeline/problems.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::pipeline;

namespace {

/// What is written again is read again, as the same.
void write_and_read(const Node& node) {
  const auto text = to_yaml(node);
  const auto again = parse_yaml(text, "again.yaml");
  fuzz::require(to_yaml(again) == text, "a configuration that was written is read as another");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] {
    const auto root = parse_yaml(parts[0], "config.yaml");
    write_and_read(root);
    read_config(root, "/folder");
  });
  Problems problems;
  fuzz::expect_read_or_refused([&] {
    attempt([&] {
      auto root = parse_yaml(parts[0], "config.yaml");
      if (parts.size() == 3) set_by_path(root, parts[1], parts[2]);
      read_config(root, "/folder");
    });
  });
  to_text(problems.sorted());
  return 0;
}
