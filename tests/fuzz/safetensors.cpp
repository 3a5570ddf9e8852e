// SPDX-License-Identifier: Apache-2.0
// The input is a safetensors file.
#include <span>

#include "farpoint/model_files/safetensors.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::expect_read_or_refused([&] {
    static volatile unsigned sum = 0;
    for (const auto& tensor : model_files::parse_header(std::as_bytes(std::span(data, size)), "f")) {
      const auto bytes = static_cast<std::uint64_t>(tensor.elements()) * model_files::item_bytes(tensor.dtype);
      fuzz::require(bytes == tensor.bytes.size(), "a tensor's bytes do not fit its shape");
      for (const auto byte : tensor.bytes) sum = sum + static_cast<unsigned>(byte);
    }
  });
  return 0;
}
