// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "temporary_folder.hpp"

namespace farpoint::model_files {

/// Creates folders as needed.
inline std::filesystem::path write(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  return file;
}

/// A file of this header and data, whether they are right or not.
inline std::string safetensors(std::string_view header, std::string_view data = "") {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i));
  return bytes.append(header).append(data);
}

/// One tensor of three bytes.
inline std::string three_bytes(const std::string& name) {
  return safetensors("{\"" + name + R"(":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", "abc");
}

}  // namespace farpoint::model_files
