// SPDX-License-Identifier: Apache-2.0
#include "dataset_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "output_files.hpp"

namespace farpoint::jobs {

namespace fs = std::filesystem;

namespace {

fs::path plain(fs::path target) {
  if (!target.has_filename()) target = target.parent_path();
  return target_of(target);
}

}  // namespace

void DatasetFolder::check(const fs::path& target) {
  const auto folder = plain(target);
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) {
    throw UsageError(
        fmt::format("{}: datasets are a folder, and this is a file; choose another name", target.string()));
  }
  std::set<fs::path> own{"README.md", "export.json"};
  for (const auto& file : read_manifest(folder / "export.json")) own.insert(fs::path(file.name));
  if (own.size() == 2) own.clear();  // no export has been here
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto name = entry.path().lexically_relative(folder);
    if (entry.is_directory() && !entry.is_symlink()) continue;
    if (own.contains(name)) continue;
    throw UsageError(fmt::format("{}: holds {}, which is not of an export and would be lost; choose another folder",
                                 target.string(), name.string()));
  }
}

DatasetFolder::DatasetFolder(const fs::path& target) : target_(plain(target)), making_(temporary_name(target_)) {
  check(target);
  std::error_code error;
  fs::remove_all(making_, error);
  fs::create_directories(making_ / "data", error);
  if (error) throw Error(fmt::format("{}: cannot create the folder: {}", making_.string(), error.message()));
}

DatasetFolder::~DatasetFolder() {
  std::error_code ignored;
  fs::remove_all(making_, ignored);
}

void DatasetFolder::commit() {
  check(target_);
  if (!fs::exists(target_)) return commit_file(making_, target_);
  // Both names are there all the time; what was there before goes with the name of what is in the making.
  if (::renameat2(AT_FDCWD, making_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) {
    throw Error(fmt::format("{}: cannot take its final name: {}", target_.string(), std::strerror(errno)));
  }
  fs::remove_all(target_);  // a file system that cannot exchange names
  commit_file(making_, target_);
}

}  // namespace farpoint::jobs
