// SPDX-License-Identifier: Apache-2.0
#include "decompressed_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

DecompressedSource::DecompressedSource(const std::filesystem::path& path) : file_(path), buffer_(256U << 10) {}

std::size_t DecompressedSource::read(std::span<char> buffer) {
  const std::size_t count = decompress(buffer);
  position_ += count;
  return count;
}

void DecompressedSource::seek(std::uint64_t offset) {
  if (offset < position_) {
    throw std::logic_error(fmt::format("{}: compressed data cannot be read backwards", file_.name()));
  }
  std::vector<char> passed(std::min<std::uint64_t>(256U << 10, offset - position_));
  while (position_ < offset) {
    const std::size_t step = std::min<std::uint64_t>(passed.size(), offset - position_);
    if (read(std::span(passed).first(step)) < step) return;
  }
}

std::span<const char> DecompressedSource::input() {
  if (input_.empty()) {
    input_ = std::span(buffer_).first(file_.read(buffer_));
    stored_ += input_.size();
  }
  return input_;
}

void DecompressedSource::fail(const std::string& what) const {
  throw Error(fmt::format("{}: {}", file_.name(), what));
}

}  // namespace farpoint::corpus
