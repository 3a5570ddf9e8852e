// SPDX-License-Identifier: Apache-2.0
#include "plain_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

PlainSource::PlainSource(const std::filesystem::path& path)
    : name_(path.string()), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw Error(fmt::format("{}: cannot open: {}", name_, std::strerror(errno)));
}

PlainSource::~PlainSource() {
  ::close(descriptor_);
}

std::size_t PlainSource::read(std::span<char> buffer) {
  const ScopedActivity files(Activity::files);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::read(descriptor_, buffer.data() + filled, buffer.size() - filled);
    if (count == 0) break;
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      throw Error(fmt::format("{}: cannot read: {}", name_, std::strerror(errno)));
    }
  }
  return filled;
}

void PlainSource::seek(std::uint64_t offset) {
  if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) {
    throw Error(fmt::format("{}: cannot go to byte {}: {}", name_, offset, std::strerror(errno)));
  }
}

}  // namespace farpoint::corpus
