// SPDX-License-Identifier: Apache-2.0
// What the targets share: inputs as files, and what may be thrown.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#ifdef FUZZ_LEAKS_OF
/// LeakSanitizer calls this by its name; a target has one source.
// NOLINTBEGIN(bugprone-reserved-identifier,misc-definitions-in-headers)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return FUZZ_LEAKS_OF;
}
// NOLINTEND(bugprone-reserved-identifier,misc-definitions-in-headers)
#endif

namespace farpoint::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program where something holds that must not: libFuzzer then keeps the input.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// Runs `read`. Our own errors are how bad input is refused; any other exception ends the program.
template <typename Read>
void expect_read_or_refused(const Read& read) {
  try {
    read();
  } catch (const Error&) {
    return;
  } catch (const std::exception& other) {
    std::fprintf(stderr, "fuzz: not an Error, but: %s\n", other.what());
    std::abort();
  }
}

/// A folder of this process, with files that each input replaces.
class Scratch {
 public:
  std::filesystem::path put(const std::string& name, std::string_view content) const {
    auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return path;
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_ / name); }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

/// The parts of an input that stands for several files: between lines of `----` alone.
inline std::vector<std::string_view> parts_of(std::string_view input) {
  constexpr std::string_view border = "\n----\n";
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = input.find(border);
    parts.push_back(input.substr(0, end));
    if (end == input.npos) return parts;
    input.remove_prefix(end + border.size());
  }
}

}  // namespace farpoint::fuzz
