// SPDX-License-Identifier: Apache-2.0
#include "model_library.hpp"

#include <fmt/format.h>

#include <string_view>

#include "farpoint/base/error.hpp"
#include "farpoint/base/late_library.hpp"
#include "model_library_interface.hpp"

namespace farpoint::models {

namespace {

namespace fs = std::filesystem;

constexpr const char* variable = "FARPOINT_TORCH_LIBRARY";

fs::path library_file() {
  return late_library(variable, "libfarpoint_torch.so");
}

[[noreturn]] void refuse(const fs::path& file, std::string_view why) {
  throw Error(
      fmt::format("models compute in {}, which cannot be loaded: {}. Keep the folders bin and lib of the build beside "
                  "each other, and libtorch where it was when it was built; or let {} name the library",
                  file.string(), why, variable));
}

const ModelLibrary& load() {
  const auto file = library_file();
  // The BLAS inside libtorch does not take the place of the one that the selection chose. libtorch has 100,000 names to
  // look up, which can wait; our own library asks for all of its own at once.
  try {
    return late_table<ModelLibrary>(file, "farpoint_model_library", model_library_interface);
  } catch (const Error& error) {
    refuse(file, error.what());
  }
}

}  // namespace

void check_model_library() {
  const auto file = library_file();
  // A name alone is looked for in the system's folders.
  if (file.has_parent_path() && !fs::exists(file)) refuse(file, "there is no such file");
}

const ModelLibrary& model_library() {
  static const ModelLibrary& library = load();
  return library;
}

}  // namespace farpoint::models
