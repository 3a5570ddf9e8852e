// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "farpoint/model_files/safetensors.hpp"

namespace farpoint::model_files {

/// A tensor on its way into a file: dense, row-major, little-endian.
struct NewTensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Writes a file in the safetensors format, which appears whole. transformers wants {"format", "pt"} in the metadata.
/// Throws Error for names that are there twice, for bytes that do not fit their shape, and for what the disk refuses.
void write_safetensors(const std::filesystem::path& file, std::span<const NewTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace farpoint::model_files
