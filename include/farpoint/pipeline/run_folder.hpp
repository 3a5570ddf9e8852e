// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace farpoint::pipeline {

/// Names of the files of a run (docs/formats.md, "Run folder").
struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path config() const { return path / "config.yaml"; }
  std::filesystem::path summary() const { return path / "summary.json"; }
  std::filesystem::path rejects() const { return path / "rejects.jsonl"; }
  std::filesystem::path subset() const { return path / "subset.h5"; }
  std::filesystem::path stage(const std::string& name) const { return path / "stages" / name; }
  /// The folders of the stages that are there, by name; none where there is no run. Throws Error when they cannot be
  /// listed.
  std::vector<std::filesystem::path> stages() const;
  std::filesystem::path log(int rank) const;
  std::filesystem::path times() const { return path / "log" / "times.jsonl"; }
  std::filesystem::path status() const { return path / "status"; }

  /// Makes the folder and its inner ones. Throws Error naming it.
  void create() const;
  /// Throws UsageError when a config.yaml is there that no run has written, or a subset.h5 without one: a run would
  /// replace the user's file.
  void check_config() const;
  /// Writes config.yaml, marked as a run's.
  void write_config(const std::string& resolved) const;
  /// Removes stages, subset, summary, rejects and configuration; exports, logs and status stay.
  void clear() const;
  /// Throws UsageError when `file` lies in this folder under a name that output_refusal() refuses. What lies elsewhere
  /// is none of its business.
  void check_output(const std::filesystem::path& file) const;
};

/// What speaks against a further file of this name in a run's folder: "belongs to the run itself", ready to stand
/// behind the name, or "" when nothing does. `name` is relative to the folder and does not leave it.
std::string output_refusal(const std::filesystem::path& name);

/// Keeps other runs out of a folder for as long as it lives, also across machines that share it where the file system
/// has locks. A killed run leaves nothing behind that would have to be removed.
class FolderLock {
 public:
  /// Throws UsageError when another run holds the folder, Error when it cannot be written.
  explicit FolderLock(const RunFolder& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// True while a run holds the folder, as far as the file system tells: some do not share locks over machines.
bool is_locked(const RunFolder& folder);

}  // namespace farpoint::pipeline
