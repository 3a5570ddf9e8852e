// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "farpoint/base/error.hpp"

namespace farpoint {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(std::string_view action, const fs::path& path, int error) {
  throw Error(fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(error)));
}

void flush_to_device(const fs::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) fail("open", path, errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  // Some file systems cannot flush a folder; the rename is still atomic there.
  if (result != 0 && error != EINVAL) fail("flush", path, error);
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
  fs::path name = path;
  name += ".tmp";
  return name;
}

void commit_file(const fs::path& temporary, const fs::path& path) {
  flush_to_device(temporary, O_RDONLY);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to its final name", temporary, errno);
  flush_to_device(path.has_parent_path() ? path.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY);
}

AtomicFile::AtomicFile(fs::path path)
    : path_(std::move(path)), temporary_(temporary_name(path_)), file_(nullptr, nullptr) {
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) fail("create the folder of", path_, error.value());
  file_ = {std::fopen(temporary_.c_str(), "wbe"), &std::fclose};
  if (file_ == nullptr) fail("create", temporary_, errno);
}

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  file_.reset();
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void AtomicFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail("write", temporary_, errno);
}

void AtomicFile::commit() {
  // fclose frees the stream even when it fails, so ownership ends here; what is left on disk is removed below.
  if (std::fclose(file_.release()) != 0) {
    const int error = errno;
    fs::remove(temporary_);
    fail("write", temporary_, error);
  }
  commit_file(temporary_, path_);
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

std::string read_file(const fs::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) fail("open", path, errno);
  std::string content;
  char buffer[1 << 16];
  std::size_t count = 0;
  while ((count = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) content.append(buffer, count);
  if (std::ferror(file.get()) != 0) fail("read", path, errno);
  return content;
}

}  // namespace farpoint
