// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "farpoint/base/activity.hpp"
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

/// For clean-up: what it cannot do must not hide why it is done.
void remove_if_there(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

/// What a link leads to is replaced, and not the link; whether anything is there yet or not.
fs::path follow_links(fs::path path) {
  constexpr int most_links = 40;  // as Linux has it
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, error)); ++links) {
    if (links == most_links) fail("follow the links of", path, ELOOP);
    const auto target = fs::read_symlink(path, error);
    if (error) fail("follow the link", path, error.value());
    path = path.parent_path() / target;  // an absolute target stands alone
  }
  return path;
}

/// A device or a pipe is written to: a file in its place would be of no use, and /dev/null a loss to all.
bool is_stream(const fs::path& path) {
  // Standard output is one whatever it was redirected to: the file there is the shell's.
  const auto plain = fs::absolute(path).lexically_normal().native();
  if (plain.starts_with("/dev/") || plain.starts_with("/proc/")) return true;
  std::error_code error;
  const auto status = fs::status(path, error);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

}  // namespace

fs::path target_of(const fs::path& path) {
  std::error_code error;
  const auto plain = fs::absolute(path);
  const auto target = fs::weakly_canonical(plain, error);
  if (error) return plain.lexically_normal();
  // A link that leads nowhere yet is one all the same.
  return follow_links(target).lexically_normal();
}

fs::path temporary_name(const fs::path& path) {
  fs::path name = path;
  name += ".tmp";
  return name;
}

void commit_file(const fs::path& temporary, const fs::path& path) {
  const ScopedActivity files(Activity::files);
  try {
    flush_to_device(temporary, O_RDONLY);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to its final name", temporary, errno);
  } catch (const Error&) {
    remove_if_there(temporary);
    throw;
  }
  flush_to_device(path.has_parent_path() ? path.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY);
}

AtomicFile::AtomicFile(fs::path path) : file_(nullptr, nullptr) {
  stream_ = is_stream(path);
  // The links of a stream such as /dev/stdout are the kernel's: they need not lead to a name.
  path_ = stream_ ? std::move(path) : follow_links(std::move(path));
  temporary_ = stream_ ? path_ : temporary_name(path_);
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) fail("create the folder of", path_, error.value());
  // What a stream holds already is not ours to cut off.
  file_ = {std::fopen(temporary_.c_str(), stream_ ? "abe" : "wbe"), &std::fclose};
  if (file_ == nullptr) fail("create", temporary_, errno);
}

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  file_.reset();
  if (!stream_) remove_if_there(temporary_);
}

void AtomicFile::write(std::string_view bytes) {
  const ScopedActivity files(Activity::files);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail("write", temporary_, errno);
}

void AtomicFile::commit() {
  const ScopedActivity files(Activity::files);
  // fclose frees the stream even when it fails, so ownership ends here; what is left on disk is removed below.
  if (std::fclose(file_.release()) != 0) {
    const int error = errno;
    if (!stream_) remove_if_there(temporary_);
    fail("write", temporary_, error);
  }
  if (!stream_) commit_file(temporary_, path_);
}

void write_file(const fs::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

std::string read_file(const fs::path& path) {
  const ScopedActivity files(Activity::files);
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
