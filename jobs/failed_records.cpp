// SPDX-License-Identifier: Apache-2.0
#include "failed_records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "farpoint/base/log.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::size_t shown_records = 10;

}  // namespace

void FailedRecords::tell(const std::string& who, const pipeline::Shard& shard, std::span<const std::uint32_t> rows,
                         const std::string& why) const {
  if (rows.empty()) return;
  const auto sources = shard.source_names();
  std::vector<std::string> shown;
  for (const auto row : rows.first(std::min(rows.size(), shown_records))) {
    shown.push_back(fmt::format("{} ({}:{})", shard.ids()[row], sources[row], shard.lines()[row]));
  }
  const auto message = fmt::format(
      "{}: {} of {} {} records have no value ({}): ids {}{}", who, pipeline::format_count(rows.size()),
      pipeline::format_count(shard.ids().size()), shard.population() == pipeline::Population::pool ? "pool" : "curated",
      why, fmt::join(shown, ", "),
      rows.size() > shown.size() ? fmt::format(" and {} more", pipeline::format_count(rows.size() - shown.size()))
                                 : "");
  if (told_.exchange(true)) {
    log::info("{}", message);
  } else {
    log::warning("{}; the log has those of other shards", message);
  }
}

}  // namespace farpoint::jobs
