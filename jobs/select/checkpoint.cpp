// SPDX-License-Identifier: Apache-2.0
#include "checkpoint.hpp"

#include <system_error>

#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::jobs {

Checkpoint::Checkpoint(pipeline::JobContext& context, double seconds)
    : context_(context), path_(context.stage_folder() / "picks.h5"), interval_(seconds) {}

select::KCenterPicks Checkpoint::load() {
  auto& comm = context_.comm();
  select::KCenterPicks picks;
  if (comm.rank() == 0) {
    const auto attributes = store::intact_shard(path_);
    const auto key = attributes ? attributes->find("key") : store::Attributes::const_iterator();
    if (attributes && key != attributes->end() && key->second == context_.fingerprint()) {
      const store::ShardFile file(path_);
      picks.ids = file.read("id").as<std::vector<std::uint64_t>>();
      picks.distances = file.read("distance").as<std::vector<double>>();
      log::info("select: goes on after {} picks of an interrupted run", pipeline::format_count(picks.ids.size()));
    }
  }
  std::uint64_t count = picks.ids.size();
  comm::broadcast(comm, std::span(&count, 1));
  picks.ids.resize(count);
  picks.distances.resize(count);
  comm::broadcast(comm, std::span<std::uint64_t>(picks.ids));
  comm::broadcast(comm, std::span<double>(picks.distances));
  return picks;
}

void Checkpoint::offer(const select::KCenterPicks& so_far) {
  if (std::chrono::steady_clock::now() - written_ >= interval_) write(so_far);
}

void Checkpoint::write(const select::KCenterPicks& so_far) {
  if (context_.comm().rank() != 0 || so_far.ids.empty()) return;
  written_ = std::chrono::steady_clock::now();
  store::write_shard(path_, {{"key", context_.fingerprint()}},
                     std::vector<store::Column>{{"id", so_far.ids}, {"distance", so_far.distances}});
}

void Checkpoint::remove() {
  std::error_code ignored;
  if (context_.comm().rank() == 0) std::filesystem::remove(path_, ignored);
}

}  // namespace farpoint::jobs
