// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/serialization/string.hpp>
#include <optional>

#include "farpoint/comm/objects.hpp"
#include "mpi_world.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {

/// A folder that all ranks share.
class SharedFolder {
 public:
  SharedFolder() {
    if (world().rank() == 0) mine_.emplace();
    std::string name = mine_ ? mine_->path().string() : "";
    comm::broadcast_object(world(), name, 0);
    path = name;
  }
  ~SharedFolder() { world().barrier(); }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  std::filesystem::path path;

 private:
  std::optional<TemporaryFolder> mine_;
};

}  // namespace farpoint::pipeline
