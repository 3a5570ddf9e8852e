// SPDX-License-Identifier: Apache-2.0
// The files that records of an ingest shard came from.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "farpoint/store/shard_file.hpp"

namespace farpoint::pipeline {

struct ListedFile {
  std::string path;
  std::string source;
};

class ListedFiles {
 public:
  ListedFiles() = default;
  /// Reads the column `files`. Throws DamagedFile when it is not what the ingest writes.
  explicit ListedFiles(const store::ShardFile& ingest);

  /// That of a number in the column `file`. Throws DamagedFile when there is none.
  const ListedFile& at(std::size_t number) const;
  const std::vector<ListedFile>& all() const { return files_; }

 private:
  std::vector<ListedFile> files_;
};

}  // namespace farpoint::pipeline
