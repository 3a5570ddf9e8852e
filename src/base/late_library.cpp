// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/late_library.hpp"

#include <dlfcn.h>

#include <cstdlib>

namespace farpoint {

namespace fs = std::filesystem;

fs::path late_library(const char* variable, const char* name) {
  if (const char* named = std::getenv(variable); named != nullptr && *named != '\0') return named;
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib" / name;
}

void* late_function(const fs::path& file, const char* entry) {
  void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  void* function = library == nullptr ? nullptr : dlsym(library, entry);
  if (function == nullptr) throw Error(dlerror());
  return function;
}

}  // namespace farpoint
