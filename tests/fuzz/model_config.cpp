// SPDX-License-Identifier: Apache-2.0
// The input is the config.json of a model.
#include "farpoint/model_files/model_config.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::expect_read_or_refused([&] {
    const auto config = model_files::parse_model_config(fuzz::text_of(data, size), "config.json");
    fuzz::require(config.windows.size() == static_cast<std::size_t>(config.layers), "a layer has no window");
    fuzz::require(model_files::usable_positions(config) >= 1, "no token has a position");
    fuzz::require(config.kv_heads > 0 && config.heads % config.kv_heads == 0, "heads do not fit their groups");
    fuzz::require(!config.labels.empty(), "there are no labels");
  });
  return 0;
}
