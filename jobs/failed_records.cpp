// SPDX-License-Identifier: Apache-2.0
#include "failed_records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

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

void FailedRecords::add_numbers(const std::string& who, const pipeline::Shard& shard, store::Column column,
                                const std::string& why, pipeline::ShardResult& result) const {
  std::vector<std::uint32_t> rows;
  const auto& numbers = column.as<std::vector<double>>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isnan(numbers[i])) rows.push_back(static_cast<std::uint32_t>(i));
  }
  result.failed = rows.size();
  tell(who, shard, rows, why);
  result.columns.push_back(std::move(column));
}

}  // namespace farpoint::jobs
