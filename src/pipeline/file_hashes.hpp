// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>

#include "farpoint/base/hash.hpp"
#include "farpoint/comm/communicator.hpp"

namespace farpoint::pipeline {

/// Hashes of the contents of files, large ones among them: the ranks share the reading, and each file is read once,
/// however many jobs depend on it.
class FileHashes {
 public:
  /// Collective; the same on every rank and at any number of them. Throws, on all ranks, when one cannot read its part.
  Hash128 of(comm::Communicator& comm, const std::filesystem::path& file);

 private:
  std::map<std::filesystem::path, Hash128> known_;
};

}  // namespace farpoint::pipeline
