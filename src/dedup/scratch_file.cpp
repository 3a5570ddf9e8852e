// SPDX-License-Identifier: Apache-2.0
#include "scratch_file.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // mkstemp
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::dedup {

namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, const char* what, const char* reason) {
  throw Error(fmt::format("{} a scratch file in {}: {}", what, folder.string(), reason));
}

}  // namespace

ScratchFile::ScratchFile(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::string name = (folder_ / "scratch-XXXXXX").string();
  descriptor_ = mkstemp(name.data());
  if (descriptor_ < 0) fail(folder_, "cannot create", std::strerror(errno));
  unlink(name.c_str());
}

ScratchFile::~ScratchFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ScratchFile::append(std::span<const std::byte> bytes) {
  const ScopedActivity files(Activity::files);
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(folder_, "cannot write", std::strerror(errno));
    }
    size_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void ScratchFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  const ScopedActivity files(Activity::files);
  while (!bytes.empty()) {
    const ssize_t got = pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(folder_, "cannot read", std::strerror(errno));
    if (got == 0) fail(folder_, "cannot read", "it ends too early");
    offset += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace farpoint::dedup
