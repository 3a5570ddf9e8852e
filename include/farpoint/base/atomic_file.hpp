// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace farpoint {

/// Name under which the file that will be `path` is written; in the same folder, so that renaming it is atomic.
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Flushes `temporary` to the device, renames it to `path` and flushes the folder. Afterwards `path` is complete, and
/// it was never seen otherwise. Throws Error naming the file (a full disk says so); `temporary` is gone then.
void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// A file that gets its final name only when it is complete. Without commit() the destructor removes what was written.
/// Where the name is a link, what it leads to is written. A pipe or a device is no file that could be complete: it is
/// written to as it is.
class AtomicFile {
 public:
  /// Creates missing folders. Throws Error when the file cannot be created.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Buffered. Throws Error naming the file and the reason, e.g. a full disk.
  void write(std::string_view bytes);
  /// Call it last, once. Throws as commit_file().
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;  ///< the stream itself where it is one
  bool stream_ = false;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// Where a file that is written under this name lies: absolute, and with links followed, the last one too.
std::filesystem::path target_of(const std::filesystem::path& path);

/// Writes `content` as the whole of `path`, as AtomicFile does, and throws as it does.
void write_file(const std::filesystem::path& path, std::string_view content);
/// Throws Error naming the file.
std::string read_file(const std::filesystem::path& path);

}  // namespace farpoint
