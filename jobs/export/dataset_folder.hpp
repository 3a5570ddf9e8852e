// SPDX-License-Identifier: Apache-2.0
// jobs/export/dataset_folder.hpp: a folder that gets its name when all files in it are complete.
#pragma once

#include <filesystem>

namespace farpoint::jobs {

/// Without commit() nothing is left of it.
class DatasetFolder {
 public:
  /// Throws UsageError when something is at `target` that no export has written, which would be lost.
  static void check(const std::filesystem::path& target);

  /// Makes an empty folder beside `target`, "NAME.tmp"; one that a killed export has left goes first.
  explicit DatasetFolder(const std::filesystem::path& target);
  ~DatasetFolder();
  DatasetFolder(const DatasetFolder&) = delete;
  DatasetFolder& operator=(const DatasetFolder&) = delete;

  const std::filesystem::path& path() const { return making_; }
  /// The folder takes the place of the one that an earlier export has left.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path making_;
};

}  // namespace farpoint::jobs
