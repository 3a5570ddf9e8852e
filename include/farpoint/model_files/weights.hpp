// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "farpoint/model_files/safetensors.hpp"

namespace farpoint::model_files {

/// The files that hold the weights of the model in `folder`: model.safetensors, else model.safetensors.index.json and
/// the files that it names. Throws UsageError when there is neither, with how to convert what is there, and when the
/// index is malformed.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder);

/// All tensors of a model, in one file or in several. Files are mapped, so opening costs only the headers, and all
/// ranks of a machine share one copy of the pages. const members may be called from several threads.
class Weights {
 public:
  /// Throws UsageError as weight_files() and SafetensorsFile::open() do, and when the files and the index disagree.
  static Weights open(const std::filesystem::path& folder);

  /// nullptr when there is no tensor of this name. Valid as long as the Weights; a copy of the entry as long as it is.
  const TensorEntry* find(std::string_view name) const;
  /// Throws UsageError that names the folder when there is none.
  const TensorEntry& at(std::string_view name) const;
  /// By name, ascending.
  const std::vector<TensorEntry>& tensors() const { return tensors_; }
  std::uint64_t bytes() const { return bytes_; }  ///< of all tensors
  const std::vector<SafetensorsFile>& files() const { return files_; }

  /// Reads all files into the machine's memory, each once from front to back. One rank of a machine calls it before the
  /// others touch the tensors, so that a network file system sees one orderly reader. Throws Error on a read error.
  void prefetch() const;

 private:
  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::vector<TensorEntry> tensors_;
  std::uint64_t bytes_ = 0;
};

}  // namespace farpoint::model_files
