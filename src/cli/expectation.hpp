// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "farpoint/pipeline/estimate.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "loaded.hpp"

namespace farpoint::cli {

/// `text` as bytes, such as 8GB or 512MiB; unset for "". Throws UsageError naming the option.
std::optional<std::uint64_t> memory_option(const std::string& text);

/// Free bytes of the file system where `folder` lies or will lie; 0 when the system does not say.
std::uint64_t free_disk(const std::filesystem::path& folder);

/// How ranks lie on nodes.
struct Layout {
  int ranks = 1;
  int ranks_per_node = 1;
  int threads = 0;        ///< of each rank; 0: this machine's cores shared out, or run.threads
  bool has_gpus = false;  ///< models compute on them
};

/// Nodes like this machine, with the memory that this one has, for runs of so many ranks. Rates are not measured, and
/// tokens not counted. `program`: resident size of the program as it started.
pipeline::Machine machine_of(const Loaded& loaded, const Layout& layout, std::uint64_t program);

/// Says on stderr in a line what is left to do of a run that begins will need, and throws comm::AgreedError when it
/// surely cannot fit: when it needs a quarter more than there is, for estimates err. Says nothing where all is done, or
/// where the corpus cannot be sampled; the run itself says why. Collective.
void tell_expectation(comm::Communicator& comm, const Loaded& loaded, const RunArguments& arguments,
                      const pipeline::CorpusFiles& files);

/// Memory of a node that a run on nodes like these needs, in bytes, with half as much again for what estimates miss;
/// unset where the corpus cannot be sampled. For batch scripts (submit). Collective; the same on all ranks.
std::optional<std::uint64_t> memory_to_ask_for(comm::Communicator& comm, const RunArguments& arguments,
                                               const Layout& layout);

}  // namespace farpoint::cli
