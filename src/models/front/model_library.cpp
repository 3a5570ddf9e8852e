// SPDX-License-Identifier: Apache-2.0
#include "model_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "farpoint/base/error.hpp"
#include "model_library_interface.hpp"

namespace farpoint::models {

namespace {

namespace fs = std::filesystem;

constexpr const char* variable = "FARPOINT_TORCH_LIBRARY";

fs::path library_file() {
  if (const char* named = std::getenv(variable); named != nullptr && *named != '\0') return named;
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib" / "libfarpoint_torch.so";
}

[[noreturn]] void refuse(const fs::path& file, std::string_view why) {
  throw Error(
      fmt::format("models compute in {}, which cannot be loaded: {}. Keep the folders bin and lib of the build beside "
                  "each other, and libtorch where it was when it was built; or let {} name the library",
                  file.string(), why, variable));
}

const ModelLibrary& load() {
  const auto file = library_file();
  // Local: the BLAS inside libtorch must not take the place of the one that the selection chose, nor any other of its
  // names that of a library here. Lazy: libtorch has 100,000 names to look up; our own library asks for all at once.
  void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) refuse(file, dlerror());
  using Entry = const ModelLibrary*();
  auto* const entry = reinterpret_cast<Entry*>(dlsym(library, "farpoint_model_library"));
  if (entry == nullptr) refuse(file, dlerror());
  const auto* const found = entry();
  if (std::string_view(found->interface) != model_library_interface) {
    refuse(file, "it was built from other sources than this program");
  }
  return *found;
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
