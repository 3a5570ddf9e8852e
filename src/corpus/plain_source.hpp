// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "byte_source.hpp"

namespace farpoint::corpus {

/// The bytes of a file as they are on disk.
class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(const std::filesystem::path& path);
  ~PlainSource() override;
  PlainSource(const PlainSource&) = delete;
  PlainSource& operator=(const PlainSource&) = delete;

  std::size_t read(std::span<char> buffer) override;
  void seek(std::uint64_t offset) override;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int descriptor_;
};

}  // namespace farpoint::corpus
