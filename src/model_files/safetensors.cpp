// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/safetensors.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::model_files {

static_assert(std::endian::native == std::endian::little, "elements are used as they stand in the file");

namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (value_ >= 0) return;
    const auto message = fmt::format("{}: cannot open: {}", path.string(), std::strerror(errno));
    if (errno == ENOENT) throw UsageError(message);
    throw Error(message);
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

std::size_t size_of(const Descriptor& descriptor, const std::string& name) {
  struct stat status = {};
  if (::fstat(descriptor.get(), &status) != 0) {
    throw Error(fmt::format("{}: cannot read its size: {}", name, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) throw UsageError(fmt::format("{}: is not a file", name));
  return static_cast<std::size_t>(status.st_size);
}

/// Whole, from its first byte.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const Descriptor descriptor(path);
    size_ = size_of(descriptor, path.string());
    if (size_ == 0) return;
    // Without MAP_NORESERVE a model larger than the memory could be refused, as if every page were to be written.
    start_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor.get(), 0);
    if (start_ == MAP_FAILED) throw Error(fmt::format("{}: cannot map: {}", path.string(), std::strerror(errno)));
  }
  ~Mapping() {
    if (size_ > 0) ::munmap(start_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(start_), size_}; }

 private:
  void* start_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<Mapping>(path);
  SafetensorsFile file;
  file.path_ = path;
  file.file_bytes_ = mapping->bytes().size();
  file.tensors_ = parse_header(mapping->bytes(), path.string());
  for (TensorEntry& tensor : file.tensors_) tensor.owner = mapping;
  return file;
}

void SafetensorsFile::prefetch() const {
  const Descriptor descriptor(path_);
  ::posix_fadvise(descriptor.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<char> buffer(4U << 20);
  while (true) {
    const ScopedActivity files(Activity::files);  // each read is a sign of life
    const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
    if (count == 0) return;
    if (count < 0 && errno != EINTR) {
      throw Error(fmt::format("{}: cannot read: {}", path_.string(), std::strerror(errno)));
    }
  }
}

}  // namespace farpoint::model_files
