// SPDX-License-Identifier: Apache-2.0
// jobs/learning/kept_fits.hpp: linear models that are trained already, on disk, for a run that is killed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/learn/linear.hpp"

namespace farpoint::jobs {

/// The folder `trained` in a job's folder, with a file a model.
class KeptFits {
 public:
  KeptFits() = default;
  explicit KeptFits(const std::filesystem::path& job_folder);

  /// `key`: the fingerprint of everything that the models depend on. Collective.
  void write(comm::Communicator& comm, std::size_t model, const std::string& key, const learn::Fit& fit) const;
  /// Nothing, on every rank, where there is none or it is damaged or of another key; the log says of the last two.
  /// Collective.
  std::optional<learn::Fit> read(comm::Communicator& comm, std::size_t model, const std::string& key) const;
  /// Removes the folder. Not collective: nobody may be reading or writing it.
  void remove() const;

 private:
  std::filesystem::path file(std::size_t model) const;

  std::filesystem::path folder_;
};

}  // namespace farpoint::jobs
